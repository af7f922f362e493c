// Lines on the ground as longitude and latitude: lengths, vertices, what is near. No map, no page.

const EARTH = 6371008.8;
const RADIANS = Math.PI / 180;

/** Metres east and north of `origin`: exact enough over the few kilometres of a township. */
export function local([lon, lat], origin) {
  const east = (lon - origin[0]) * RADIANS * EARTH * Math.cos(origin[1] * RADIANS);
  return [east, (lat - origin[1]) * RADIANS * EARTH];
}

/** Back from metres to longitude and latitude. */
export function global([east, north], origin) {
  const lon = origin[0] + east / (RADIANS * EARTH * Math.cos(origin[1] * RADIANS));
  return [lon, origin[1] + north / (RADIANS * EARTH)];
}

/** Metres between two places. */
export function metres(one, other) {
  const [east, north] = local(other, one);
  return Math.hypot(east, north);
}

/** Metres along a line. */
export function lengthOf(line) {
  let total = 0;
  for (let i = 1; i < line.length; i++) total += metres(line[i - 1], line[i]);
  return total;
}

/** The nearest place of the segment from `a` to `b`: its share of the way, itself, and how far. */
export function nearestOnSegment(point, a, b) {
  const [bx, by] = local(b, a);
  const [px, py] = local(point, a);
  const length = bx * bx + by * by;
  const share = length ? Math.min(1, Math.max(0, (px * bx + py * by) / length)) : 0;
  const at = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
  return { share, at, metres: metres(point, at) };
}

/** The nearest place of a line: `index` of its segment, `at`, `metres`. */
export function nearestOn(line, point) {
  let best = { index: 0, at: line[0], metres: metres(line[0], point) };
  for (let i = 1; i < line.length; i++) {
    const found = nearestOnSegment(point, line[i - 1], line[i]);
    if (found.metres < best.metres) best = { index: i - 1, at: found.at, metres: found.metres };
  }
  return best;
}

/** The line with vertex `index` at another place. */
export function moved(line, index, place) {
  return line.map((position, i) => (i === index ? place : position));
}

/** The line with a new vertex after vertex `index`. */
export function added(line, index, place) {
  return [...line.slice(0, index + 1), place, ...line.slice(index + 1)];
}

/** The line without one of its inner vertices; an end stays where it is. */
export function removed(line, index) {
  if (index <= 0 || index >= line.length - 1) return line;
  return line.filter((_, i) => i !== index);
}

/** The place half-way along each segment. */
export function middles(line) {
  return line.slice(1).map((position, i) => [
    (position[0] + line[i][0]) / 2, (position[1] + line[i][1]) / 2,
  ]);
}

/** The place half-way along the whole line. */
export function middleOf(line) {
  let left = lengthOf(line) / 2;
  for (let i = 1; i < line.length; i++) {
    const step = metres(line[i - 1], line[i]);
    if (step >= left && step > 0) {
      const share = left / step;
      return [
        line[i - 1][0] + share * (line[i][0] - line[i - 1][0]),
        line[i - 1][1] + share * (line[i][1] - line[i - 1][1]),
      ];
    }
    left -= step;
  }
  return line[0];
}

function side(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Where two segments cross inside both; null when they only touch or miss. */
export function crossing(a, b, c, d) {
  const [one, two] = [side(c, d, a), side(c, d, b)];
  const [three, four] = [side(a, b, c), side(a, b, d)];
  if (one * two >= 0 || three * four >= 0) return null;
  const share = one / (one - two);
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

/** The first place where a line crosses itself; null when it does not. */
export function selfCrossing(line) {
  for (let i = 1; i < line.length; i++) {
    for (let j = i + 2; j < line.length; j++) {
      const found = crossing(line[i - 1], line[i], line[j - 1], line[j]);
      if (found) return found;
    }
  }
  return null;
}

/** Even-odd test of a place against the rings of a Polygon or MultiPolygon. */
export function contains(geometry, [x, y]) {
  const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  let within = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [[ax, ay], [bx, by]] = [ring[i], ring[j]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  }
  return within;
}

/** How often a line crosses the rings of a geometry: a line that splits does so twice or more. */
export function crossings(geometry, line) {
  const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  let count = 0;
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      for (let j = 1; j < line.length; j++) {
        if (crossing(ring[i - 1], ring[i], line[j - 1], line[j])) count += 1;
      }
    }
  }
  return count;
}

/** The middle of the box of a geometry. */
export function boxOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part) => {
    if (typeof part[0] !== "number") {
      part.forEach(walk);
      return;
    }
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
  };
  walk(geometry.coordinates);
  return box;
}
