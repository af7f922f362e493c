// The limit of a standard: the steps of its slider, the bands of time on the map, their words.
import { distance, duration, travel } from "../core/format.js";
import { _ } from "../core/words.js";

const STEPS = { seconds: [5, 10, 15, 30, 60, 120, 300], metres: [10, 25, 50, 100, 250, 500, 1000] };
const LEAST_STEPS = 12; // A slider with fewer hardly answers anything.
const EDGES = { seconds: [1, 5, 10, 15, 30, 60, 300], metres: [1, 5, 10, 50, 100, 500, 1000] };
const BAND_STEPS = 5; // The round figures of band edges are at most a fifth of the limit.

/** Ends and step of the slider: the limit of the standard itself is always one of its steps. */
export function rangeOf({ by, limit, slider = null }) {
  const [low, high] = slider || [limit / 3, limit * 2];
  const wide = (step) => (high - low) / step >= LEAST_STEPS;
  const step = STEPS[by].filter((one) => wide(one) && limit % one === 0).pop() || limit / LEAST_STEPS;
  const below = Math.max(0, Math.ceil((limit - low) / step - 1e-9));
  const above = Math.max(0, Math.floor((high - limit) / step + 1e-9));
  const least = limit - below * step;
  return { min: least > 0 ? least : limit - (below - 1) * step, max: limit + above * step, step };
}

/** Upper edges of the three bands up to a limit, in round figures where they are below it. */
export function edgesOf(by, limit) {
  const round = EDGES[by].filter((one) => limit / one >= BAND_STEPS).pop();
  const near = (value) => (round ? Math.round(value / round) * round : value);
  const edges = [near(limit / 3), near((limit * 2) / 3), limit];
  return edges[0] > 0 && edges[0] < edges[1] && edges[1] < edges[2]
    ? edges : [limit / 3, (limit * 2) / 3, limit];
}

/** A limit in words: 3 分钟, 1 分 40 秒, 500 米. */
export function limitWords(by, limit) {
  if (by === "metres") return distance(limit);
  return limit % 60 ? travel(limit) : duration(limit);
}

/** Words of the bands, nearest first. */
export function bandWords(by, edges) {
  return edges.map((edge, i) => (i
    ? _("{a} 到 {b}", { a: limitWords(by, edges[i - 1]), b: limitWords(by, edge) })
    : _("{limit}以内", { limit: limitWords(by, edge) })));
}

/** The band of a household's figure: 0, 1, 2, or 3 for one that is not reached. */
export function bandOfValue(value, edges) {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return 3;
  const found = edges.findIndex((edge) => Number(value) <= edge);
  return found < 0 ? 3 : found;
}

/** Whether a household is reached, and in which band, at any limit of the slider. */
export function bandAt(props, { by, limit, edges, own }) {
  // At its own limit a run says more than the figure: a shelter may be full.
  if (limit === own && props.covered === false) return 3;
  const band = bandOfValue(props[by], edges);
  return limit === own && band === 3 ? 2 : band;
}
