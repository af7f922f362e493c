// The one form of the page of rules: a field for each value, sent as it stands.
import { toast } from "./common.js";
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";

const INDENT = { county: "", township: "　", community: "　　" };

function option(value, words, chosen) {
  return el("option", { value, selected: value === chosen }, words);
}

function choice(name, words, options, chosen, fixed) {
  const select = el("select", { class: "select", name, required: true, disabled: fixed },
    options.map((one) => option(one.value, one.words, chosen)));
  return { name, node: el("label", { class: "stack" }, el("span", {}, words), select), read: () => select.value };
}

/** A chooser of the area a rule is for; one that is there already keeps its own. */
export function place(places, chosen) {
  const options = places.map(({ code, level, name_zh: zh, name_en: en }) => ({
    value: code, words: `${INDENT[level] || ""}${(document.documentElement.lang === "en" && en) || zh || code}`,
  }));
  return choice("area", _("在哪里"), options, chosen, chosen !== undefined);
}

export function known(name, words, list, chosen) {
  return choice(name, words, list.map((one) => ({ value: one.name, words: one.label })), chosen, chosen !== undefined);
}

export function count(name, words, value, most) {
  const input = el("input", { class: "field num", name, type: "number", inputmode: "numeric", min: 1, max: most, required: true, value });
  return { name, node: el("label", { class: "stack" }, el("span", {}, words), input), read: () => Number(input.value) };
}

/** A number that only some rules have. */
export function figure(name, words, value, most) {
  const input = el("input", { class: "field num", name, type: "number", inputmode: "numeric", min: 1, max: most, required: true, value: value ?? "" });
  const label = el("span", {}, words);
  const node = el("label", { class: "stack" }, label, input);
  return {
    name,
    node,
    /** Say at the field what is wrong with it; nothing where all is well. */
    refuse: (words) => input.setCustomValidity(words),
    read: () => (node.hidden || input.value === "" ? null : Number(input.value)),
    /** Show it with these words, or hide it where there are none. */
    ask: (asked, needed = true) => {
      node.hidden = !asked;
      input.disabled = !asked;
      input.required = needed;
      label.textContent = asked || words;
    },
  };
}

export function text(name, words, value, most, fixed = false) {
  const input = el("input", { class: "field", name, maxlength: most, required: true, value: value ?? "", readonly: fixed });
  return { name, node: el("label", { class: most > 100 ? "stack wide" : "stack" }, el("span", {}, words), input), read: () => input.value.trim() };
}

export function day(name, words, value, needed) {
  const input = el("input", { class: "field num", name, type: "date", required: needed, value: value ?? "" });
  return { name, node: el("label", { class: "stack" }, el("span", {}, words), input), read: () => input.value || null };
}

export function yes(name, words, value) {
  const input = el("input", { type: "checkbox", name, checked: value });
  return { name, node: el("label", { class: "check" }, input, words), read: () => input.checked };
}

/** Boxes to tick for several of what is known. */
export function several(name, words, list, chosen) {
  const boxes = list.map((one) => yes(one.name, one.label, chosen.includes(one.name)));
  return {
    name,
    node: el("fieldset", { class: "wide" }, el("legend", {}, words), el("div", { class: "checks" }, boxes.map((box) => box.node))),
    read: () => boxes.filter((box) => box.read()).map((box) => box.name),
  };
}

/** The form; `done` is called when the server has taken it, `close` when nothing is to change. */
export function form(address, fields, done, close) {
  const line = el("p", { class: "failed-line wide", role: "alert", hidden: true });
  return el("form", { class: "rule-form", onsubmit: async (event) => {
    event.preventDefault();
    line.hidden = true;
    try {
      await post(address, Object.fromEntries(fields.map((field) => [field.name, field.read()])));
      toast(_("改好了，留了痕"));
      done();
    } catch (error) {
      line.textContent = _("没改成：{why}", { why: error.detail || error.message });
      line.hidden = false;
    }
  } }, fields.map((field) => field.node), line,
  el("div", { class: "row wide" }, el("button", { class: "btn primary" }, _("存下")),
    el("button", { type: "button", class: "btn", onclick: close }, _("不改"))));
}
