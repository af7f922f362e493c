// The measures of a grid: one list for panel, map, legend and bars, so that they cannot disagree.
import { distance, number, percent, signedPercent } from "../core/format.js";
import { _ } from "../core/words.js";
import { BANDS, bandOf } from "./bands.js";

const known = (value) => typeof value === "number" && Number.isFinite(value);
const yes = (value) => (value === null || value === undefined ? "–" : value ? _("是") : _("否"));
const two = (value) => (known(value) ? value.toFixed(2) : "–");
const minutes = (seconds) => (known(seconds) ? _("{n} 分", { n: Math.round(seconds / 60) }) : "–");
/** Households that a main road or water parts from the rest of their grid. */
const parted = ({ cut_by: barriers }) => barriers && barriers.reduce((sum, { households }) => sum + households, 0);
const work = (name) => (p) => p.workload?.[name];

/** What walking gives is computed by a worker: until then it says so. */
const walk = (name, say) => ({ walk: p }) => {
  if (!p || p.state === "none") return "–";
  return p.state === "pending" ? _("正在算") : say(p[name]);
};
const walked = (name) => ({ walk: p }) => (p?.state === "current" ? p[name] : null);
/** Households farther than they should be, and those with no way on foot: neither is reached. */
const unreached = ({ walk: p }) => (p?.state === "current" ? (p.beyond || 0) + (p.cut_off || 0) : null);
const unreachedWords = (p) => {
  if (!p.walk?.cut_off) return walk("beyond", number)(p);
  const m = number(p.walk.cut_off);
  return p.walk.beyond ? _("{n}，走不到 {m}", { n: number(unreached(p)), m }) : _("走不到 {m}", { m });
};

/**
 * `value` gives the number for colour and bars, `say` the words; `rows` are in the panel.
 * `kind` of colours: "deviation" both ways from the target, "more" darker is more, none: words only.
 */
export const MEASURES = [
  { name: "households", words: "户数", say: (p) => number(p.households) },
  { name: "people", words: "人数", kind: "more", value: (p) => p.people, say: (p) => number(p.people) },
  { name: "deviation", words: "偏差", kind: "deviation", value: (p) => p.deviation, say: (p) => signedPercent(p.deviation) },
  { name: "contiguous", words: "连通", say: (p) => yes(p.contiguous) },
  { name: "walkable", words: "步行连通", say: (p) => yes(p.walkable) },
  { name: "polsby_popper", words: "紧凑度 PP", kind: "more", value: (p) => p.polsby_popper, say: (p) => two(p.polsby_popper) },
  { name: "reock", words: "紧凑度 Reock", kind: "more", value: (p) => p.reock, say: (p) => two(p.reock) },
  { name: "along_roads", words: "沿路边界", kind: "more", value: (p) => p.along_roads, say: (p) => percent(p.along_roads, 0) },
  { name: "beyond_barrier", words: "隔在大路或水那边的户", kind: "more", value: parted, say: (p) => number(parted(p)), later: true },
  { name: "farthest", words: "走到最远", kind: "more", value: walked("farthest_seconds"), say: walk("farthest_seconds", minutes), later: true },
  { name: "beyond", words: "离网格员远的户", kind: "more", value: unreached, say: unreachedWords, later: true },
  { name: "visits_due", words: "该走访的户", kind: "more", value: work("visits_due"), say: (p) => number(work("visits_due")(p)), later: true },
  { name: "incidents_year", words: "一年的事件", kind: "more", value: work("incidents_year"), say: (p) => number(work("incidents_year")(p)), later: true },
  { name: "hazards", words: "隐患", kind: "more", value: work("hazards"), say: (p) => number(work("hazards")(p)), later: true },
  { name: "round", words: "走一圈", kind: "more", value: work("round_metres"), say: (p) => distance(work("round_metres")(p)), later: true },
];

/** Measures that colour the map. */
export const COLOURED = MEASURES.filter(({ kind }) => kind);

/** The measure of a name; deviation when there is none. */
export function measureOf(name) {
  return MEASURES.find((measure) => measure.name === name) || measureOf("deviation");
}

/** True where at least one of these grids has the figure, so that a row of dashes is not shown. */
export function shown(measure, grids) {
  if (!measure.later) return true;
  return grids.some(({ properties: p }) => known(measure.value(p)) || p.walk?.state === "pending");
}

const STEPS = [1, 2, 2.5, 5];
const MOST = 5;

/** A round width that parts `spread` into at most five. */
function width(spread, whole) {
  const power = 10 ** Math.floor(Math.log10(spread / MOST));
  for (const scale of [power, power * 10]) {
    const step = STEPS.map((one) => one * scale).find((one) => spread / one <= MOST && (!whole || one >= 1));
    if (step) return whole ? Math.ceil(step) : step;
  }
  return power * 100;
}

/** Classes of equal width over the values: `[{from, to, colour, name}]`, lowest first. */
export function classes(values) {
  const held = values.filter(known);
  if (!held.length) return [];
  const [low, high] = [Math.min(...held), Math.max(...held)];
  const whole = held.every(Number.isInteger);
  if (low === high) return [{ from: low, to: high, colour: "seq3", name: "seq3", last: true, upTo: high }];
  const step = width(high - low, whole);
  const from = Math.floor(low / step) * step;
  const steps = (high - from) / step; // 1 / 0.2 is not 5: a share never has a class beyond all of it
  const count = Math.max(1, whole ? Math.floor(steps + 1e-9) + 1 : Math.ceil(steps - 1e-9));
  return Array.from({ length: count }, (_each, i) => {
    const rank = count === 1 ? 3 : 1 + Math.round((i * (MOST - 1)) / (count - 1));
    return { from: from + i * step, to: from + (i + 1) * step, colour: `seq${rank}`, name: `seq${rank}`, last: i === count - 1, upTo: from + (i + 1) * step - (whole ? 1 : 0) };
  });
}

/** How grids are coloured by one measure, with the legend for it. */
export class Colouring {
  constructor(name = "deviation", grids = []) {
    this.measure = measureOf(name);
    this.classes = this.measure.kind === "more" ? classes(grids.map(({ properties }) => this.measure.value(properties))) : [];
  }

  /** Name of a colour of the palette, "hatch" while it is being computed, null when there is none. */
  colour(p) {
    const value = this.measure.value(p);
    if (this.measure.kind === "deviation") return bandOf(value)?.colour || null;
    if (!known(value)) return "hatch";
    return this.classes.find(({ to, last }) => value < to || last)?.colour || null;
  }

  /** The figure under a grid's label; deviation has the households before it. */
  note(p) {
    if (this.measure.kind === "deviation") return _("{n} 户 {share}", { n: number(p.households), share: signedPercent(p.deviation) });
    return this.measure.say(p);
  }

  legend(unknown) {
    if (this.measure.kind === "deviation") return BANDS.map(({ name, words }) => ({ symbol: "fill", name, words }));
    const rows = this.classes.map((one) => ({ symbol: "fill", name: one.name, text: classWords(one, figure(this.measure)) }));
    return unknown ? [...rows, { symbol: "fill", name: "hatch", words: "还没有数" }] : rows;
  }
}

const FORMATS = {
  polsby_popper: two, reock: two, along_roads: (value) => percent(value, 0), round: distance, farthest: minutes,
};

/** How a figure of a measure is written. */
export function figure({ name }) {
  return FORMATS[name] || number;
}

/** "300–399": whole numbers end before the next class begins. */
export function classWords({ from, upTo }, say) {
  return from === upTo ? say(from) : `${say(from)}–${say(upTo)}`;
}
