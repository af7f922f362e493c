// Web Mercator once per feature: shapes are kept as shares of the world, drawing only scales them.

/** Longitude and latitude to shares of the world, 0..1 from the north-west. */
export function toWorld([lon, lat]) {
  const sin = Math.min(0.99999, Math.max(-0.99999, Math.sin((lat * Math.PI) / 180)));
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

/** Back to longitude and latitude. */
export function toLonLat([x, y]) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
  return [(x - 0.5) * 360, lat];
}

/** Metres on the ground of one pixel at this latitude and zoom. */
export function metresPerPixel(lat, zoom) {
  return (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);
}

function boundsOf(lines) {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      box.minX = Math.min(box.minX, line[i]);
      box.maxX = Math.max(box.maxX, line[i]);
      box.minY = Math.min(box.minY, line[i + 1]);
      box.maxY = Math.max(box.maxY, line[i + 1]);
    }
  }
  return box;
}

function flat(coordinates) {
  const line = new Float64Array(coordinates.length * 2);
  coordinates.forEach((position, i) => line.set(toWorld(position), i * 2));
  return line;
}

const PARTS = {
  Point: (c) => [[c]],
  MultiPoint: (c) => c.map((position) => [position]),
  LineString: (c) => [c],
  MultiLineString: (c) => c,
  Polygon: (c) => c,
  MultiPolygon: (c) => c.flat(),
};

/** A GeoJSON geometry as flat lines of world shares with their bounds; null when it is none. */
export function shape(geometry) {
  if (!geometry) return null;
  if (geometry.type === "GeometryCollection") {
    const shapes = geometry.geometries.map(shape).filter(Boolean);
    const lines = shapes.flatMap((one) => one.lines);
    return lines.length ? { type: "Collection", lines, bounds: boundsOf(lines) } : null;
  }
  const parts = PARTS[geometry.type];
  if (!parts || !geometry.coordinates?.length) return null;
  const lines = parts(geometry.coordinates).map(flat);
  return { type: geometry.type, lines, bounds: boundsOf(lines) };
}

/** Even-odd test of a point (world shares) against the rings of a shape. */
export function inside(lines, x, y) {
  let within = false;
  for (const line of lines) {
    const n = line.length;
    for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
      const crosses = line[i + 1] > y !== line[j + 1] > y;
      if (crosses && x < ((line[j] - line[i]) * (y - line[i + 1])) / (line[j + 1] - line[i + 1]) + line[i]) {
        within = !within;
      }
    }
  }
  return within;
}

/** Least squared distance of a point to the segments of the lines. */
export function distanceSquared(lines, x, y) {
  let least = Infinity;
  for (const line of lines) {
    for (let i = 2; i < line.length; i += 2) {
      const [ax, ay, bx, by] = [line[i - 2], line[i - 1], line[i], line[i + 1]];
      const length = (bx - ax) ** 2 + (by - ay) ** 2 || Number.MIN_VALUE;
      const share = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
      least = Math.min(least, (ax + share * (bx - ax) - x) ** 2 + (ay + share * (by - ay) - y) ** 2);
    }
  }
  return least;
}
