// Places, without a server: what lies in my grid, what is near, how far it is.

const EARTH = 6371008.8; // Metres.
const NEAR = 80; // Metres within which an address names a place.

const radians = (degrees) => (degrees * Math.PI) / 180;

/** Metres between two places given as longitude and latitude. */
export function metres([lon1, lat1], [lon2, lat2]) {
  const [dLat, dLon] = [radians(lat2 - lat1), radians(lon2 - lon1)];
  const h = Math.sin(dLat / 2) ** 2 +
    Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The rings of a polygon or of several. */
export function rings(geometry) {
  if (geometry?.type === "Polygon") return geometry.coordinates;
  if (geometry?.type === "MultiPolygon") return geometry.coordinates.flat();
  return [];
}

/** Even-odd test: inside the outlines and not in their holes. */
export function contains(geometry, [x, y]) {
  let within = false;
  for (const ring of rings(geometry)) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
      if ((yi > y) !== (yj > y) && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
  }
  return within;
}

/** West, south, east, north of geometries; null of nothing. */
export function boundsOf(geometries) {
  const points = geometries.flatMap((one) => rings(one).flat());
  if (!points.length) return null;
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

function crossing(a, b, c, d) {
  const side = (p, q, r) => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** True when two areas share ground: one holds a corner of the other, or their edges cross. */
export function meet(one, other) {
  const [a, b] = [boundsOf([one]), boundsOf([other])];
  if (!a || !b || a[0] > b[2] || b[0] > a[2] || a[1] > b[3] || b[1] > a[3]) return false;
  const [left, right] = [rings(one), rings(other)];
  if (left.flat().some((point) => contains(other, point))) return true;
  if (right.flat().some((point) => contains(one, point))) return true;
  return left.some((ring) => right.some((line) => ring.some((point, i) => i > 0 &&
    line.some((place, k) => k > 0 && crossing(ring[i - 1], point, line[k - 1], place)))));
}

/** The house of an address: without unit, floor and room, which concern nobody on the map. */
export function house(address) {
  return String(address || "").replace(/\s*[0-9一二三四五六七八九十]+\s*(单元|楼|层|室|房).*$/, "").trim();
}

/** The nearest of addresses ({address, lon, lat}) within reach, with its metres; else null. */
export function nearest(addresses, place, reach = NEAR) {
  let [best, least] = [null, reach];
  for (const one of addresses) {
    const away = metres([one.lon, one.lat], place);
    if (away < least || (away === least && !best)) [best, least] = [one, away];
  }
  return best && { ...best, metres: least };
}

/** Full-width digits and letters as plain ones, without spaces: what keyboards make alike. */
export function plain(text) {
  return String(text || "").normalize("NFKC").toLowerCase().replace(/\s+/g, "");
}

/** Addresses that contain every word looked for, those that begin with it first. */
export function find(addresses, query, limit = 8) {
  const words = String(query || "").normalize("NFKC").trim().split(/\s+/).map(plain).filter(Boolean);
  if (!words.length) return [];
  const seen = new Set();
  const hits = [];
  for (const one of addresses) {
    const text = plain(one.address);
    const name = house(one.address) || one.address;
    if (seen.has(plain(name)) || !words.every((word) => text.includes(word))) continue;
    seen.add(plain(name));
    hits.push({ ...one, name, rank: text.startsWith(words[0]) ? 0 : 1 });
  }
  return hits.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, "zh", { numeric: true }))
    .slice(0, limit);
}

function lengthOf(stops) {
  let sum = 0;
  for (let i = 1; i < stops.length; i++) sum += metres(stops[i - 1].at, stops[i].at);
  return sum;
}

/**
 * Stops in an order that is short to walk: the nearest next, then turned round wherever that is
 * shorter. As the crow flies: streets are not known here. Stops without a place come last.
 */
export function walk(items, from = null) {
  const stops = items.filter(({ lon, lat }) => Number.isFinite(lon) && Number.isFinite(lat))
    .map((item) => ({ item, at: [item.lon, item.lat] }));
  const rest = items.filter((item) => !stops.some((stop) => stop.item === item));
  const order = [];
  let here = from || stops[0]?.at;
  while (stops.length) {
    let next = 0;
    for (let i = 1; i < stops.length; i++) {
      if (metres(here, stops[i].at) < metres(here, stops[next].at)) next = i;
    }
    const [stop] = stops.splice(next, 1);
    order.push(stop);
    here = stop.at;
  }
  const start = from ? [{ at: from }] : [];
  const route = untangled([...start, ...order]);
  return {
    items: [...route.filter(({ item }) => item).map(({ item }) => item), ...rest],
    metres: lengthOf(route),
  };
}

function untangled(route) {
  let best = route;
  let better = best.length < 200; // Days have tens of visits; more would only keep the page busy.
  while (better) {
    better = false;
    for (let i = 1; i < best.length - 1; i++) {
      for (let k = i + 1; k < best.length; k++) {
        const turned = [...best.slice(0, i), ...best.slice(i, k + 1).reverse(), ...best.slice(k + 1)];
        if (lengthOf(turned) < lengthOf(best) - 1) {
          best = turned;
          better = true;
        }
      }
    }
  }
  return best;
}
