// Two possible sites beside each other: their figures, whom both reach, and the grids that differ.
import { el } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { _ } from "../core/words.js";
import { byGrid, figuresOf, shared } from "./site_trials.js";

const SHOWN_ROWS = 100;
const gain = (n) => (n === undefined ? "–" : n > 0 ? `+${number(n)}` : number(n));

/** What the map shows of two sites: where which one brings more. */
export function sitesDifference(one, other) {
  return byGrid(one, other).map(({ code, gains: [a, b] }) => ({
    code, lost: Math.max(0, b - a), gained: Math.max(0, a - b), words: `${gain(a)} / ${gain(b)}`,
  }));
}

function measures(heads, answers) {
  const [one, other] = answers.map(figuresOf);
  const rows = [
    [_("多到的户"), (found) => gain(found.households)], [_("多到的人"), (found) => gain(found.people)],
    // Who may not read needs is told no figure of them.
    ...(one.with_needs === undefined ? [] : [[_("其中要帮助的人"), (found) => gain(found.with_needs)]]),
    [_("加了以后到得了"), (found) => percent(found.share_after)],
  ];
  return el("table", { class: "list" }, el("caption", { class: "sr" }, _("两处的数")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "sr" }, _("数"))),
      heads.map((words) => el("th", { scope: "col", class: "n" }, words)))),
    el("tbody", {}, rows.map(([words, read]) => el("tr", {}, el("th", { scope: "row" }, words),
      [one, other].map((found) => el("td", { class: "n num" }, read(found)))))));
}

function grids(heads, answers, { choose, nameOf }) {
  return el("table", { class: "list" }, el("caption", { class: "sr" }, _("两处各让哪些网格多到")),
    el("thead", {}, el("tr", {}, [_("网格"), ...heads, _("差")].map((words, i) => el("th", { scope: "col", class: i ? "n" : "" }, words)))),
    el("tbody", {}, byGrid(...answers).slice(0, SHOWN_ROWS).map((row) => el("tr", { "data-code": row.code },
      el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => choose(row) }, row.label),
        nameOf(row.code) && el("span", { class: "mut under clip" }, nameOf(row.code))),
      row.gains.map((one) => el("td", { class: "n num" }, gain(one))),
      el("td", { class: "n num" }, el("b", {}, gain(row.gains[0] - row.gains[1])))))));
}

/** Both sites with their names in `heads` and the answers of their what-ifs. */
export function comparison(heads, answers, around) {
  const whom = shared(...answers);
  return el("div", { class: "site-compare" },
    el("div", { class: "sideways" }, measures(heads, answers)),
    whom && el("p", { class: "s mut" }, _("两处都到得了 {both} 户，只有{one} {a} 户，只有{other} {b} 户", {
      both: number(whom.both), one: heads[0], a: number(whom.first), other: heads[1], b: number(whom.second),
    })),
    el("div", { class: "sideways" }, grids(heads, answers, around)));
}
