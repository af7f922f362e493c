// The bar of a grid, from who has arrived to whom nobody has called; its figures and its legend.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { _ } from "../core/words.js";

const PARTS = ["arrived", "departed", "answered", "called", "waiting"];
const WORDS = { arrived: "到达", departed: "出发", answered: "应答", called: "已叫", waiting: "未叫" };
const CLASS = { waiting: "k-none" };

/** One bar; `sums` has households and the five parts. */
export function bar(sums) {
  const words = PARTS.filter((part) => sums[part]).map((part) => `${_(WORDS[part])} ${number(sums[part])}`).join(" · ");
  return el("span", { class: "bar", role: "img", "aria-label": words || _("没有") }, PARTS.map((part) => {
    const piece = el("i", { class: CLASS[part] || `k-${part}` });
    piece.style.width = `${sums.households ? (100 * (sums[part] || 0)) / sums.households : 0}%`;
    return piece;
  }));
}

/** What the colours mean. */
export function legend() {
  return el("p", { class: "legend-row" }, PARTS.map((part) => el("span", { class: "key" },
    el("i", { class: CLASS[part] || `k-${part}` }), _(WORDS[part]))));
}

/** Households to move, answered, left, arrived: each counts those who went further too. */
export function steps(sums) {
  const arrived = sums.arrived || 0;
  const departed = arrived + (sums.departed || 0);
  const answered = departed + (sums.answered || 0);
  const pairs = [[_("应转（户）"), sums.households], [_("已应答"), answered], [_("已出发"), departed], [_("已到达"), arrived]];
  return el("dl", { class: "fig four" }, pairs.map(([words, value]) =>
    el("div", {}, el("dt", {}, words), el("dd", { class: "num" }, number(value)))));
}

/** The sums of a grid of the board as the bar wants them: refused and silent ones were called. */
export function sumsOf(grid) {
  return {
    households: grid.households, waiting: grid.waiting, answered: grid.answered, departed: grid.departed, arrived: grid.arrived,
    called: grid.called + grid.no_answer + grid.refused + grid.not_found,
  };
}
