// Who gets the place on the map: boxes that are taken, and a free place for a label inside a shape.
import { inside } from "./mercator.js";

const CELL = 64;

/** Boxes on the screen, found by the cells they touch. */
export class Boxes {
  constructor() {
    this.cells = new Map();
  }

  * keys(box) {
    for (let x = Math.floor(box.minX / CELL); x <= Math.floor(box.maxX / CELL); x++) {
      for (let y = Math.floor(box.minY / CELL); y <= Math.floor(box.maxY / CELL); y++) {
        yield `${x}:${y}`;
      }
    }
  }

  /** True when nothing stands in the box. */
  free(box) {
    for (const key of this.keys(box)) {
      for (const other of this.cells.get(key) || []) {
        const apart = other.maxX <= box.minX || other.minX >= box.maxX ||
          other.maxY <= box.minY || other.minY >= box.maxY;
        if (!apart) return false;
      }
    }
    return true;
  }

  /** Take the box whether it is free or not. */
  take(box) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  /** Take the box if it is free. */
  claim(box) {
    if (!this.free(box)) return false;
    this.take(box);
    return true;
  }
}

/** The box of a label of this size around its middle. */
export function boxAround(x, y, width, height) {
  return { minX: x - width / 2, minY: y - height / 2, maxX: x + width / 2, maxY: y + height / 2 };
}

function crosses(box, ax, ay, bx, by) {
  // Liang-Barsky: does any part of the segment lie in the box?
  let [from, to] = [0, 1];
  const [dx, dy] = [bx - ax, by - ay];
  for (const [p, q] of [
    [-dx, ax - box.minX], [dx, box.maxX - ax], [-dy, ay - box.minY], [dy, box.maxY - ay],
  ]) {
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) {
      from = Math.max(from, q / p);
    } else {
      to = Math.min(to, q / p);
    }
    if (from > to) return false;
  }
  return true;
}

/** True when the whole box lies inside the rings: its middle does and no edge passes through it. */
export function whollyInside(lines, box) {
  if (!inside(lines, (box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2)) return false;
  for (const line of lines) {
    for (let i = 2; i < line.length; i += 2) {
      if (crosses(box, line[i - 2], line[i - 1], line[i], line[i + 1])) return false;
    }
  }
  return true;
}

function around(point, bounds, step) {
  const places = [];
  for (let x = bounds.minX + step / 2; x < bounds.maxX; x += step) {
    for (let y = bounds.minY + step / 2; y < bounds.maxY; y += step) {
      places.push([x, y, (x - point[0]) ** 2 + (y - point[1]) ** 2]);
    }
  }
  return places.sort((one, other) => one[2] - other[2]);
}

/**
 * A place for a label wholly inside a shape: its best inner point, else the nearest free one.
 *
 * `lines` are flat rings in pixels, `point` the inner point farthest from the edges, `free(box)`
 * tells what is taken. Returns the middle of the label, or null: it is then left out.
 */
export function placeInside(lines, bounds, point, width, height, free) {
  if (bounds.maxX - bounds.minX < width || bounds.maxY - bounds.minY < height) return null;
  const fits = (x, y) => {
    const box = boxAround(x, y, width, height);
    return whollyInside(lines, box) && free(box);
  };
  if (fits(point[0], point[1])) return point;
  const span = Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY);
  const step = Math.max(8, height / 2, span / 40);
  for (const [x, y] of around(point, bounds, step)) {
    if (fits(x, y)) return [x, y];
  }
  return null;
}
