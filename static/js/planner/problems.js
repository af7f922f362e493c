// What is wrong with a scenario, numbered: faults of shape first, then sizes, then ways on foot.
import { number } from "../core/format.js";
import { shortfallWords } from "../core/shortfall.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { boxOf } from "./lines.js";

const RANK = [
  "gap", "overlap", "outside", "invalid", "hole", "multipart", "sliver", "household", "stale",
  "oversize", "undersize", "not_walkable", "severed", "far", "no_member", "building",
];

function middle(geometry) {
  const [west, south, east, north] = boxOf(geometry);
  return [(west + east) / 2, (south + north) / 2];
}

const nameOf = ({ kind, grids = [], area_m2: area }) => [kind, [...grids].sort().join(), area ?? ""].join(" ");

/** Faults of now, and what the last validation found besides while it still stands. */
function all({ faults, head }) {
  const told = new Set(faults.map(nameOf));
  const stands = ["valid", "invalid", "approved"].includes(head?.state);
  return [...faults, ...(stands ? head.findings || [] : []).filter((finding) => !told.has(nameOf(finding)))];
}

/** All problems that the server found, in the order in which they are walked through. */
export function problemsOf(scenario) {
  const rank = ({ kind }) => (RANK.indexOf(kind) + 1) || RANK.length + 1;
  return all(scenario)
    .map((fault) => ({
      kind: fault.kind,
      grave: fault.severity === "error",
      grids: (fault.grids || []).map(String),
      point: fault.point || (fault.geometry ? middle(fault.geometry) : null),
      area: fault.area_m2 ?? fault.figures?.area_m2 ?? null,
      figures: fault.figures || {},
    }))
    .sort((one, other) => rank(one) - rank(other) || (one.grids[0] || "").localeCompare(other.grids[0] || ""))
    .map((problem, i) => ({ ...problem, number: i + 1 }));
}

/** How many faults of topology there are of each kind that must be none. */
export function topology(faults) {
  const counts = { gap: 0, overlap: 0, outside: 0 };
  for (const { kind } of faults) if (kind in counts) counts[kind] += 1;
  return counts;
}

/** What is wrong, in bold. */
export function problemTitle({ kind, figures }, scenario) {
  const words = {
    oversize: () => _("户数多于 {n}", { n: number(figures.maximum ?? scenario.maximum) }),
    undersize: () => _("户数少于 {n}", { n: number(figures.minimum ?? scenario.minimum) }),
    not_walkable: () => _("要绕出网格才走得到"),
    household: () => _("有户不在任何网格里"),
    building: () => _("边界从楼里穿过"),
    no_member: () => _("没有网格员"),
    severed: () => _("网格里隔着{what}", { what: figures.name || (figures.barrier === "water" ? _("水面") : _("大路")) }),
    far: () => n_("{n} 户离网格员 {m} 分钟以上", figures.households, { n: number(figures.households), m: figures.minutes }),
    stale: () => _("现行网格已经变了"),
  };
  return words[kind] ? words[kind]() : terms.faultKind(kind);
}

/** Why no border could mend a size, in figures; null where one could. */
function whyWords({ community_households: all, fewest, most, minimum, maximum, ...figures }) {
  const words = {
    community_too_small: () => n_("全社区才 {n} 户", all, { n: number(all) }),
    no_count_fits: () => _("全社区 {n} 户：分 {most} 个就有多于 {max} 户的，分 {fewest} 个就有少于 {min} 户的", {
      n: number(all), most: number(most), fewest: number(fewest), min: number(minimum), max: number(maximum),
    }),
    part_too_small: () => shortfallWords({ ...figures, reason: "area_too_small" }),
    part_no_count_fits: () => shortfallWords({ ...figures, fewest, most, minimum, maximum, reason: "no_count_fits" }),
    building_too_large: () => n_("一栋楼就有 {n} 户，边界不穿楼", figures.largest, { n: number(figures.largest) }),
  };
  return words[figures.reason]?.() || null;
}

function sizeWords({ kind, figures }, where, scenario) {
  const h = number(figures.households);
  const over = kind === "oversize";
  const by = over
    ? figures.households - (figures.maximum ?? scenario.maximum)
    : (figures.minimum ?? scenario.minimum) - figures.households;
  const why = whyWords(figures);
  if (why) return _("{where}：{h} 户；{why}", { where, h, why });
  return over
    ? n_("{where}：{h} 户，划出 {n} 户以上", by, { where, h, n: number(by) })
    : n_("{where}：{h} 户，划入 {n} 户以上", by, { where, h, n: number(by) });
}

/** Minutes to the farthest household; where no way leads there are none. */
function farWords(where, { farthest_seconds: seconds, cut_off: without }) {
  if (without && !seconds) return _("{where}：{n} 户没有路走到", { where, n: without });
  return _("{where}：最远 {n} 分钟", { where, n: Math.round((seconds || 0) / 60) });
}

/** How much and where. */
export function problemWords(problem, scenario) {
  const { kind, grids, area, figures } = problem;
  const where = terms.listed(grids.map((key) => scenario.label(key)));
  if (kind === "severed") {
    return n_("{where}：{n} 户在那边，{metres} 米", figures.households, {
      where, metres: number(figures.metres), n: number(figures.households),
    });
  }
  if (kind === "far") return farWords(where, figures);
  if (kind === "oversize" || kind === "undersize") return sizeWords(problem, where, scenario);
  if (typeof figures.households === "number") {
    return n_("{where}：{n} 户", figures.households, { where: where || _("范围里"), n: number(figures.households) });
  }
  if (area === null) return where;
  return _("{where}：{area} 平方米", { where: where || _("范围里"), area: area < 1 ? "<1" : number(area) });
}
