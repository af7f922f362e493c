// Streets to snap to: the borders of the street blocks, found by the cells they pass.
import { metres, nearestOnSegment } from "./lines.js";

const CELL = 0.002; // Degrees: some 200 metres, a few streets.

/** Lines in cells; `near` gives a corner when one is in reach, else a place on a line. */
export class Streets {
  constructor() {
    this.clear();
  }

  clear() {
    this.cells = new Map();
    this.size = 0;
  }

  /** Take the rings of Polygon and MultiPolygon features. */
  setBlocks(features) {
    this.clear();
    for (const { geometry } of features) {
      if (!geometry) continue;
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      for (const ring of polygons.flat()) {
        for (let i = 1; i < ring.length; i++) this.put(ring[i - 1], ring[i]);
      }
    }
  }

  put(a, b) {
    const [x0, x1] = [a[0], b[0]].sort((one, other) => one - other).map((x) => Math.floor(x / CELL));
    const [y0, y1] = [a[1], b[1]].sort((one, other) => one - other).map((y) => Math.floor(y / CELL));
    for (let x = x0; x <= x1; x++) {
      for (let y = y0; y <= y1; y++) {
        const key = `${x}:${y}`;
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push([a, b]);
      }
    }
    this.size += 1;
  }

  * around([lon, lat], reach) {
    const wide = reach / 80_000; // Degrees, generous at every latitude people live at.
    const seen = new Set();
    for (let x = Math.floor((lon - wide) / CELL); x <= Math.floor((lon + wide) / CELL); x++) {
      for (let y = Math.floor((lat - wide) / CELL); y <= Math.floor((lat + wide) / CELL); y++) {
        for (const segment of this.cells.get(`${x}:${y}`) || []) {
          if (seen.has(segment)) continue;
          seen.add(segment);
          yield segment;
        }
      }
    }
  }

  /** The place to snap to within `reach` metres: `{at, corner}`; null when no street is near. */
  near(place, reach) {
    let [best, least] = [null, reach];
    let [corner, closest] = [null, reach];
    for (const [a, b] of this.around(place, reach)) {
      for (const end of [a, b]) {
        const far = metres(end, place);
        if (far < closest) [corner, closest] = [end, far];
      }
      const found = nearestOnSegment(place, a, b);
      if (found.metres < least) [best, least] = [found.at, found.metres];
    }
    if (corner) return { at: corner, corner: true };
    return best && { at: best, corner: false };
  }
}
