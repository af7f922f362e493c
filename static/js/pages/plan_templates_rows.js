// Rows of a form: added, taken away, put in another order; what is wrong with one is said at it.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";

let made = 0;

/** A field with its label and a line for what is wrong with it; `at` is its place in a row. */
function field(at, words, input, { wide = false, read = () => input.value.trim() } = {}) {
  made += 1;
  const problem = el("span", { class: "field-problem", id: `row-problem-${made}`, role: "alert", hidden: true });
  input.setAttribute("aria-describedby", problem.id);
  const refuse = (said) => {
    problem.textContent = said || "";
    problem.hidden = !said;
    if (said) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => refuse(null));
  return { at, input, refuse, read, node: el("label", { class: wide ? "stack wide" : "stack" }, el("span", {}, words), input, problem) };
}

export function line(at, words, value, { most = 120, needed = true, wide = false, name = at } = {}) {
  return field(at, words, el("input", { class: "field", name, maxlength: most, required: needed, value: value ?? "" }), { wide });
}

export function figure(at, words, value, most, name = at) {
  const input = el("input", { class: "field num", name, type: "number", inputmode: "numeric", min: 1, max: most, required: true, value });
  return field(at, words, input, { read: () => Number(input.value) });
}

export function area(at, words, value, { needed = true, rows = 2, name = at } = {}) {
  const input = el("textarea", { class: "field", name, rows, maxlength: 4000, required: needed });
  input.value = value ?? "";
  return field(at, words, input, { wide: true });
}

/** A choice; `options` are [value, words], a null value stands for none. */
export function select(at, words, options, chosen, name = at) {
  const input = el("select", { class: "select", name });
  // what was chosen and is there no more leaves the choice open: nothing else is chosen by itself
  const fill = (found, value) => {
    const there = found.some(([each]) => each === value);
    replace(input, !there && el("option", { value: "", selected: true }, _("选一个")), found.map(([each, label]) => el("option", { value: each ?? "", selected: each === value }, label)));
  };
  const optional = options.some(([each]) => each === null);
  fill(options, chosen);
  return { ...field(at, words, input, { read: () => input.value || null }), missing: () => (!optional && !input.value ? _("选一个") : null), fill: (found) => fill(found, input.value || null) };
}

export function tick(words, value, name) {
  const input = el("input", { type: "checkbox", name, checked: value });
  return { input, read: () => input.checked, node: el("label", { class: "check" }, input, words) };
}

/** Chips to press for the response levels; all of them is "every level", which the plan says by none. */
export function levels(chosen) {
  const on = new Set(chosen.length ? chosen : [1, 2, 3, 4]);
  const problem = el("span", { class: "field-problem", role: "alert", hidden: true });
  const refuse = (said) => {
    problem.textContent = said || "";
    problem.hidden = !said;
  };
  const chip = (level) => {
    const button = el("button", { type: "button", class: "btn switch", "aria-pressed": String(on.has(level)), name: `level_${level}`, onclick: () => {
      if (!on.delete(level)) on.add(level);
      button.setAttribute("aria-pressed", String(on.has(level)));
      button.classList.toggle("on", on.has(level));
      refuse(on.size ? null : _("至少选一级"));
    } }, ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][level]);
    button.classList.toggle("on", on.has(level));
    return button;
  };
  const node = el("div", { class: "level-chips", role: "group", "aria-label": _("哪些响应级别要做") }, el("span", { class: "mut s" }, _("哪些响应级别要做")), [1, 2, 3, 4].map(chip), problem);
  return { at: "levels", input: node.querySelector("button"), node, refuse, missing: () => (on.size ? null : _("至少选一级")), read: () => (on.size === 4 ? [] : [...on].sort()) };
}

/**
 * A list of rows. `make(one)` gives { fields, nodes, read }; `blank()` what a new row begins with;
 * `changed()` hears of every row that comes, goes, moves or is written in.
 */
export class Rows {
  constructor({ name, words, add, items, make, blank, changed = () => {}, note = null }) {
    Object.assign(this, { name, make, changed, held: [] });
    this.list = el("ol", { class: "edit-rows" });
    this.problem = el("p", { class: "field-problem", role: "alert", hidden: true });
    items.forEach((one) => this.add(one));
    this.node = el("fieldset", { class: "wide edit-section", id: `section-${name}` }, el("legend", {}, words), note && el("p", { class: "mut s" }, note), this.list, this.problem,
      el("button", { type: "button", class: "btn", onclick: () => this.begin(blank()) }, add));
    this.node.addEventListener("input", () => changed());
  }

  /** A new row at the end, ready to be written in. */
  begin(one) {
    const row = this.add(one);
    this.changed();
    row.item.scrollIntoView({ block: "center" });
    row.item.querySelector("input, select, textarea")?.focus();
  }

  add(one) {
    const row = this.make(one);
    const tool = (sign, words, act) => el("button", { type: "button", class: "btn tool", "aria-label": words, title: words, onclick: act }, sign);
    row.item = el("li", { class: "edit-row" }, el("div", { class: "edit-fields" }, row.nodes),
      el("div", { class: "edit-tools" }, tool("↑", _("往前移"), () => this.move(row, -1)), tool("↓", _("往后移"), () => this.move(row, 1)), tool("×", _("去掉"), () => this.drop(row))));
    this.held.push(row);
    this.list.append(row.item);
    return row;
  }

  drop(row) {
    const place = this.held.indexOf(row);
    this.held.splice(place, 1);
    row.item.remove();
    (this.held[place] || this.held[place - 1])?.item.querySelector(".tool:last-child").focus();
    this.changed();
  }

  move(row, by) {
    const place = this.held.indexOf(row);
    const other = this.held[place + by];
    if (!other) return;
    this.held.splice(place, 1);
    this.held.splice(place + by, 0, row);
    if (by < 0) other.item.before(row.item);
    else other.item.after(row.item);
    row.item.querySelector(by < 0 ? ".tool:first-child" : ".tool:nth-child(2)").focus();
    this.changed();
  }

  read() {
    return this.held.map((row) => row.read());
  }

  clear() {
    this.problem.hidden = true;
    for (const row of this.held) row.fields.forEach((each) => each.refuse(null));
  }

  /** Say what is wrong at its row and field; gives what to look at. */
  refuse(place, said) {
    const [index, ...rest] = place.split(".");
    const row = this.held[Number(index)];
    if (index === "" || !row) {
      this.problem.textContent = said;
      this.problem.hidden = false;
      return this.node.querySelector("button, input");
    }
    const found = row.fields.find((each) => each.at === rest.join(".")) || row.fields.find((each) => each.at === rest[0]) || row.fields[0];
    found.refuse(said);
    return found.input;
  }
}
