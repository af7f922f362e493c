// The foot: how households are spread over the grids, and what differs from what is in force.
import { byId, el, replace } from "../core/dom.js";
import { number, signedPercent } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { drawClasses, drawHistogram } from "./histogram.js";
import { figure } from "./measures.js";

const two = (value) => (typeof value === "number" ? value.toFixed(2) : "–");
const minutes = (seconds) => (typeof seconds === "number" ? _("{n} 分", { n: Math.round(seconds / 60) }) : "–");

/** Bars of households by grid, or of the measure that colours the map. */
export function drawCounts(scenario, colouring) {
  const ruled = [...scenario.grids.values()].filter(({ properties: p }) => p.kind !== "special");
  const counts = ruled.map(({ properties }) => properties.households || 0);
  const { minimum, maximum } = scenario;
  // communities may have rules of their own, so the server's count holds
  const within = scenario.head.summary?.within ?? counts.filter((count) => count >= minimum && count <= maximum).length;
  replace(byId("count-words"), `${n_("{n} 格", counts.length, { n: number(counts.length) })} · ${
    _("{n} 格在范围内", { n: number(within) })}`);
  const other = colouring.measure.kind === "more";
  replace(byId("bars-title"), other ? _(colouring.measure.words) : _("每格户数"));
  if (other) drawClasses(byId("histogram"), colouring, [...scenario.grids.values()], figure(colouring.measure));
  else if (counts.length) drawHistogram(byId("histogram"), counts, minimum, maximum);
  else replace(byId("histogram"));
}

const COLUMNS = [
  [({ minimum, maximum }) => _("在 {a}–{b} 内", { a: number(minimum), b: number(maximum) }),
    (s) => `${number(s.within)} / ${number(s.grids)}`],
  [() => _("最大偏差"), (s) => signedPercent(s.max_deviation)],
  [() => _("平均紧凑度"), (s) => two(s.mean_polsby_popper)],
  [() => _("换网格员的户"), (s) => (typeof s.households_moved === "number" ? number(s.households_moved) : "—")],
  [() => _("走到最远"), (s) => minutes(s.farthest_seconds), (s) => typeof s.farthest_seconds === "number"],
];

/** Figures of the scenario beside those of the grids in force. */
export function drawComparison(scenario) {
  const { head } = scenario;
  const [base, now] = [head.base_summary || {}, head.summary || {}];
  const columns = COLUMNS.filter(([, , known]) => !known || known(now) || known(base));
  const line = (words, summary, name) => el("tr", {}, el("th", { scope: "row", class: name }, words),
    columns.map(([, value]) => el("td", { class: `n num ${name}` }, value(summary))));
  replace(byId("comparison"), el("table", { class: "cmp" },
    el("caption", { class: "sr" }, _("与现行版比")),
    el("thead", {}, el("tr", {}, el("td"), columns.map(([words]) => el("th", { scope: "col", class: "n" }, words(scenario))))),
    el("tbody", {}, line(_("现行版"), { ...base, households_moved: null }, "mut"), line(head.name, now, "strong"))));
  byId("consequences").textContent = consequences(head);
}

/** What publishing does, in one line. */
export function consequences({ summary = {} }, incidents = null) {
  const moved = summary.households_moved ?? 0;
  const parts = [n_("{n} 户换网格", moved, { n: number(moved) })];
  if (incidents !== null) parts.push(n_("{n} 件未结事件随户走", incidents, { n: number(incidents) }));
  parts.push(_("平板下次联网换版"));
  return _("发布后：{list}", { list: parts.join(_("，")) });
}
