// What I just did, with a way back for ten seconds; it covers no row for longer.
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";

const SECONDS = 10;

/** Say what has just been done; `undo` is offered as 撤销, `change` as 改. */
export function toast(words, undo = null, change = null) {
  const box = document.getElementById("toasts");
  box.replaceChildren();
  const button = (label, act) => act && el("button", { type: "button", class: "btn", onclick: () => {
    line.remove();
    act();
  } }, label);
  const line = el("div", { class: "toast" }, el("span", { class: "grow" }, words), button(_("撤销"), undo), button(_("改"), change));
  box.append(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}
