// The edge of the ground round many points, as closed lines: cells near a point, and their border.

const key = (column, row) => `${column} ${row}`;

/** Cells of a lattice of `side` whose middle lies within `radius` of a point. */
function cellsNear(points, radius, side) {
  const cells = new Map();
  const reach = Math.ceil(radius / side);
  for (const [x, y] of points) {
    const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
    for (let i = column - reach; i <= column + reach; i += 1) {
      for (let j = row - reach; j <= row + reach; j += 1) {
        if (Math.hypot((i + 0.5) * side - x, (j + 0.5) * side - y) <= radius) cells.set(key(i, j), [i, j]);
      }
    }
  }
  return cells;
}

/** Sides of cells that no other cell shares, each with its cell to the left: corner -> corners. */
function bordersOf(cells) {
  const next = new Map();
  const side = (from, to) => {
    if (!next.has(key(...from))) next.set(key(...from), []);
    next.get(key(...from)).push(to);
  };
  for (const [i, j] of cells.values()) {
    if (!cells.has(key(i, j - 1))) side([i, j], [i + 1, j]);
    if (!cells.has(key(i + 1, j))) side([i + 1, j], [i + 1, j + 1]);
    if (!cells.has(key(i, j + 1))) side([i + 1, j + 1], [i, j + 1]);
    if (!cells.has(key(i - 1, j))) side([i, j + 1], [i, j]);
  }
  return next;
}

/** Closed lines `[[x, y], ...]` round all that is within `radius` of the points. */
export function outlineOf(points, radius) {
  const side = radius / 2;
  const next = bordersOf(cellsNear(points, radius, side));
  const rings = [];
  for (const [start, ways] of next) {
    while (ways.length) {
      const ring = [];
      let at = start.split(" ").map(Number);
      for (let to = ways.pop(); to; to = next.get(key(...at)).pop()) {
        // the middles of the sides cut off the corners of the cells
        ring.push([((at[0] + to[0]) / 2) * side, ((at[1] + to[1]) / 2) * side]);
        at = to;
        if (key(...at) === start) break;
      }
      rings.push(ring);
    }
  }
  return rings;
}
