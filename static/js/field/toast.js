// What I just did, with a way back for ten seconds; it covers no row for longer.
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";

const SECONDS = 10;

/** Say what has just been done; `undo` is offered as 撤销. */
export function toast(words, undo = null) {
  const box = document.getElementById("toasts");
  box.replaceChildren();
  const line = el("div", { class: "toast" }, el("span", { class: "grow" }, words),
    undo && el("button", { type: "button", class: "btn", onclick: () => {
      line.remove();
      undo();
    } }, _("撤销")));
  box.append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}
