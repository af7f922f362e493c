// An answer beside another one: figures before and after, and the grids in which they differ.
import { el } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";

const SHOWN_ROWS = 200;

/** The share of a run's totals that is reached. */
export function shareOfTotals(totals) {
  return totals?.households ? 1 - totals.uncovered / totals.households : null;
}

/** Two shares with an arrow, and the households lost and won. */
export function headline({ before, after, lost, gained }) {
  return el("div", { class: "headline" },
    el("p", { class: "num big-line" }, el("span", {}, percent(shareOfTotals(before))),
      el("span", { class: "to", "aria-hidden": "true" }, "→"), el("span", { class: "sr" }, _("变成")),
      el("b", {}, percent(shareOfTotals(after)))),
    el("ul", { class: "change-sums" },
      el("li", {}, el("i", { class: "swatch lost", "aria-hidden": "true" }),
        el("b", { class: "num" }, number(lost)), el("span", {}, _("户变得到不了"))),
      el("li", {}, el("i", { class: "swatch gained", "aria-hidden": "true" }),
        el("b", { class: "num" }, number(gained)), el("span", {}, _("户变得到得了")))));
}

/** The grids that differ, most lost first; `heads` name the columns of the two answers. */
export function changeTable(rows, { heads = [_("原来到不了"), _("现在到不了")], choose, chosen = () => null, nameOf = () => "" }) {
  if (!rows.length) return emptyLine(_("每个网格都一样，没有户变"));
  const columns = [[_("网格")], [heads[0], "n"], [heads[1], "n"], [_("丢的户"), "n"], [_("多的户"), "n"]];
  return el("div", { class: "sideways" }, el("table", { class: "list change-table" },
    el("caption", { class: "sr" }, _("变了的网格")),
    el("thead", {}, el("tr", {}, columns.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
    el("tbody", {}, rows.slice(0, SHOWN_ROWS).map((row) => el("tr", { class: chosen() === String(row.code) ? "sel" : "", "data-code": row.code },
      el("th", { scope: "row" },
        el("button", { type: "button", class: "row-button num", onclick: () => choose(row) }, row.label || row.code),
        nameOf(row.code) && el("span", { class: "mut under clip" }, nameOf(row.code))),
      el("td", { class: "n num mut" }, number(row.before)),
      el("td", { class: "n num" }, number(row.after)),
      el("td", { class: "n num" }, row.lost ? el("b", {}, `−${number(row.lost)}`) : "0"),
      el("td", { class: "n num" }, row.gained ? el("b", {}, `+${number(row.gained)}`) : "0"))))));
}
