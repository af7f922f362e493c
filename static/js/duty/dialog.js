// A question before what cannot be undone: what will happen, buttons named by their verbs.
import { el } from "../core/dom.js";

/**
 * Ask. `lines` say what will happen and to how many; `go` and `stay` are the verbs of the buttons.
 * Gives true for `go`. The focus starts on the safe one.
 */
export function ask({ title, lines, go, stay }) {
  const opener = document.activeElement;
  return new Promise((resolve) => {
    const safe = el("button", { type: "button", class: "btn", value: "stay" }, stay);
    const act = el("button", { type: "button", class: "btn primary", value: "go" }, go);
    const dialog = el("dialog", { class: "ask", "aria-labelledby": "ask-title" },
      el("h2", { id: "ask-title" }, title),
      lines.filter(Boolean).map((line) => el("p", {}, line)),
      el("div", { class: "row right-end" }, safe, act));
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      opener?.focus?.();
      resolve(answer);
    };
    safe.addEventListener("click", () => end(false));
    act.addEventListener("click", () => end(true));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    document.body.append(dialog);
    dialog.showModal();
    safe.focus();
  });
}
