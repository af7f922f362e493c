// A dialog for what cannot be undone or needs a second person: what will happen, two verbs.
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";

/** A field: a list to choose from when it has `options` of `[value, words]`. */
function input({ name, type = "text", value = "", options = null, ...more }) {
  const given = { class: "field", id: `ask-${name}`, name, ...more };
  delete given.label; // Written beside it.
  if (!options) return el("input", { ...given, type, value });
  return el("select", given, options.map(([key, words]) => el("option", { value: key, selected: key === value }, words)));
}

/** The band of an exercise is behind the dialog: the word stands in it. */
const drill = ({ classList } = document.documentElement) => classList.contains("is-drill") && !classList.contains("is-mixed");

/**
 * Ask before a step. `fields` are labelled inputs; `run(values)` may be slow and may throw: the
 * dialog then stays, with the reason. What is `grave` starts on the safe button. Resolves to what `run` gave, null when it was left.
 */
export function ask({ title, lines = [], fields = [], go, leave, run, explain, grave = true }) {
  return new Promise((resolve) => {
    const inputs = fields.map(input);
    const reason = el("p", { class: "ask-reason", role: "alert", hidden: true });
    const stay = el("button", { type: "button", class: "btn" }, leave);
    const send = el("button", { type: "submit", class: "btn primary" }, go);
    const form = el("form", { method: "dialog", class: "stack" },
      el("h2", { id: "ask-title" }, drill() && [el("span", { class: "drill-word" }, _("演练")), " "], title),
      lines.map((line) => el("p", {}, line)),
      fields.map(({ name, label }, i) => [el("label", { for: `ask-${name}` }, label), inputs[i]]),
      reason, el("div", { class: "row right" }, stay, send));
    const dialog = el("dialog", { class: "ask", "aria-labelledby": "ask-title" }, form);
    let result = null;
    const close = () => dialog.close();
    stay.addEventListener("click", close);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      reason.hidden = true;
      try {
        result = (await run(Object.fromEntries(inputs.map((input) => [input.name, input.value])))) ?? true;
        close();
      } catch (problem) {
        reason.textContent = explain(problem);
        reason.hidden = false;
        send.disabled = false;
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    (grave ? stay : inputs[0] || stay).focus();
  });
}
