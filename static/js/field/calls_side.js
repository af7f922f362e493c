// Beside the roll-call: how far it is, how full the shelters are, who waits for a hand.
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { _, n_ } from "../core/words.js";
import { bar, legend, steps } from "../roll_call/bars.js";
import { tally } from "../roll_call/moves.js";

const STATES = { full: "满了", closed: "关了" };

function shelter(one) {
  return el("section", { class: "panel text" }, el("h2", { class: "t" }, one.name, one.state !== "open" && [" ", el("span", { class: "chip line" }, _(STATES[one.state]))]),
    el("p", { class: "num" }, _("能住 {n}", { n: number(one.capacity) }), " · ", _("已到 {n}", { n: number(one.present) }), " · ",
      _("还空 {n}", { n: number(Math.max(0, one.free)) })));
}

export function drawSide(box, { rows, plan }) {
  const sums = tally(rows);
  const mine = new Set(rows.map((item) => item.shelter));
  const waiting = rows.filter(({ help }) => help);
  replace(box,
    el("section", { class: "panel text" }, steps(sums), bar(sums), legend()),
    plan.shelters.filter(({ id }) => mine.has(id)).map(shelter),
    waiting.length > 0 && el("section", { class: "panel text" },
      el("h2", { class: "t" }, _("要帮手"), " ", el("span", { class: "mut s num" }, n_("{n} 户", waiting.length))),
      el("ul", {}, waiting.map((item) => el("li", {}, item.address || item.name)))));
}
