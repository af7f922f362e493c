// Forms of responses: fields with their labels, sent once, faults said in place.
import { el, replace } from "../core/dom.js";
import { errorLine } from "../core/panels.js";
import { _ } from "../core/words.js";

export function line(name, words, { value = "", most = 200, needed = true, type = "text", ...more } = {}) {
  const input = el("input", { class: type === "number" ? "field num" : "field", name, type, value, maxlength: type === "text" ? most : null, required: needed, ...more });
  return { name, input, node: el("label", { class: "stack" }, el("span", {}, words), input), read: () => (type === "number" ? Number(input.value) : input.value.trim()) };
}

export function text(name, words, { value = "", most = 4000, needed = true, rows = 3 } = {}) {
  const input = el("textarea", { class: "field", name, maxlength: most, required: needed, rows });
  input.value = value;
  return { name, input, node: el("label", { class: "stack wide" }, el("span", {}, words), input), read: () => input.value.trim() };
}

/** A choice; options are [value, words]. Numbers come back as numbers. */
export function choice(name, words, options, chosen) {
  const select = el("select", { class: "select", name }, options.map(([value, label]) => el("option", { value: String(value ?? ""), selected: value === chosen }, label)));
  const values = new Map(options.map(([value]) => [String(value ?? ""), value]));
  return { name, input: select, node: el("label", { class: "stack" }, el("span", {}, words), select), read: () => values.get(select.value) };
}

export function boxes(name, words, options) {
  const made = options.map(([value, label]) => [value, el("input", { type: "checkbox", name, value })].concat(label));
  return {
    name,
    node: el("fieldset", { class: "wide" }, el("legend", {}, words),
      el("div", { class: "checks" }, made.map(([, input, label]) => el("label", { class: "check" }, input, label)))),
    read: () => made.filter(([, input]) => input.checked).map(([value]) => value),
  };
}

/** Do `work`; where it fails, say so at the place of forms, with a button that does it again. */
export async function attempt(place, work) {
  try {
    return await work();
  } catch (error) {
    place(errorLine(error, () => {
      place(null);
      attempt(place, work);
    }));
    return null;
  }
}

/** The form; `send` gets the values and returns what the server answered. */
export function form({ title, note, fields, go, send, done, close }) {
  const failed = el("p", { class: "failed-line wide", role: "alert", hidden: true });
  const act = el("button", { class: "btn primary" }, go);
  const node = el("form", { class: "resp-form panel", "aria-label": title, onsubmit: async (event) => {
    event.preventDefault();
    failed.hidden = true;
    act.disabled = true;
    try {
      const answer = await send(Object.fromEntries(fields.map((field) => [field.name, field.read()])));
      close();
      done(answer);
    } catch (error) {
      const first = error.more?.response;
      replace(failed, _("没存上：{why}", { why: error.detail || error.message }),
        first ? el("a", { class: "btn", href: `/responses/${first}` }, _("看那个响应")) : null);
      failed.hidden = false;
    } finally {
      act.disabled = false;
    }
  } }, el("h2", { class: "wide" }, title), note && el("p", { class: "wide" }, note), fields.map((field) => field.node), failed,
  el("div", { class: "row wide" }, act, el("button", { type: "button", class: "btn", onclick: close }, _("不做"))));
  return node;
}

