// What follows the rows of a list that are shown: the next ones by a press, and how many are elsewhere.
import { el } from "../core/dom.js";
import { n_ } from "../core/words.js";
import { label } from "./grids.js";

export const STEP = 60;

/** How many rows are shown, how many more a press shows, and how many the server did not list. */
export function rest(listed, total, most) {
  const shown = Math.min(listed, most);
  return { shown, more: Math.min(STEP, listed - shown), left: Math.max(total, listed) - shown, unlisted: Math.max(0, total - listed) };
}

/** The end of a list: nobody is dropped from it without a word. */
export function restLines(name, listed, total, on) {
  const { more, left, unlisted } = rest(listed, total, on.most[name]);
  return [
    more > 0 && el("p", { class: "pad" }, el("button", { type: "button", class: "btn", onclick: () => on.further(name) },
      n_("再看 {n} 户", more), " ", el("span", { class: "mut num" }, n_("还有 {n} 户", left)))),
    !more && unlisted > 0 && el("p", { class: "pad s mut" }, n_("还有 {n} 户，点一个网格看那里的", unlisted)),
  ];
}

/** How many a list is of, and of which grid, when one is chosen. */
export function countWords(total, grid) {
  return total ? [grid && label(grid), n_("{n} 户", total)].filter(Boolean).join(" · ") : "";
}
