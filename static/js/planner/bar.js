// The dark bar over the map: what to do now, and the buttons of what is in hand.
import { el, replace } from "../core/dom.js";

/** Words and buttons at the top of the map. */
export class Bar {
  constructor(box) {
    this.words = el("p", { role: "status" });
    this.buttons = el("div", { class: "row wrap" });
    this.node = el("div", { class: "tool-bar" }, this.words, this.buttons);
    box.prepend(this.node);
  }

  /** `actions`: `{words, run, primary, off, key}`; a button that stays keeps the focus. */
  show(words, actions = []) {
    if (this.words.textContent !== words) this.words.textContent = words;
    const held = document.activeElement?.dataset?.action;
    replace(this.buttons, actions.filter(Boolean).map((action) => el("button", {
      type: "button", class: action.primary ? "btn primary" : "btn", disabled: Boolean(action.off),
      "aria-pressed": action.on === undefined ? null : String(action.on),
      "data-action": action.words, onclick: action.run,
    }, action.words, action.key && el("kbd", {}, action.key))));
    this.buttons.hidden = !actions.length;
    if (held) [...this.buttons.children].find((button) => button.dataset.action === held)?.focus();
  }
}
