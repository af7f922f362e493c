// The ground each facility serves beside what its level may: of standards with such a rule.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { level } from "../pages/standards_words.js";

/** Square kilometres with two figures after the point, or a dash. */
export function km2(value) {
  return value === null || value === undefined ? "–" : Number(value).toFixed(2);
}

/** What a row says of its rule. */
export function ruleWords(row) {
  if (row.over === null) return _("没有规定");
  return row.over ? _("超过") : _("没超过");
}

function line(row) {
  return el("tr", {},
    el("th", { scope: "row", class: "clip" }, row.name || `${row.facility}`),
    el("td", {}, row.level ? level(row.level) : "–"),
    el("td", { class: "n num nw" }, km2(row.km2), el("span", { class: "mut xs" }, ` ±${km2(row.margin_km2)}`)),
    el("td", { class: "n num mut" }, km2(row.most_km2)),
    el("td", { class: "nw" }, row.over ? el("b", {}, ruleWords(row)) : ruleWords(row)));
}

/** A table of a run's totals, behind a line that says how many are beyond the rule; null without. */
export function groundsTable(totals) {
  const rows = totals?.grounds;
  if (!rows?.length) return null;
  const over = rows.filter((row) => row.over).length;
  const heads = [[_("设施")], [_("级别")], [_("管多少平方公里"), "n"], [_("最多"), "n"], [_("比规定")]];
  return el("details", { class: "grounds" },
    el("summary", {}, over ? n_("{n} 处管得太大", over, { n: number(over) }) : _("每处管的都不超过规定")),
    el("div", { class: "sideways" }, el("table", { class: "list grounds-table" },
      el("caption", { class: "sr" }, _("一处管多大")),
      el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
      el("tbody", {}, rows.map(line)))),
    totals.grounds_left && el("p", { class: "mut s" }, n_("另有 {n} 处没列出", totals.grounds_left, { n: number(totals.grounds_left) })),
    totals.grounds_of && el("p", { class: "mut s" }, _("R-{id} 量的", { id: totals.grounds_of })));
}
