// When a facility is open: always, or at times of a week, one line for each.
import { el } from "../core/dom.js";
import { _ } from "../core/words.js";
import { DAYS } from "./facilities_words.js";

const MOST = 40;
let lines = 0;

/** What a hand writes in a hurry, as a clock: 8, 830 and 8:30 are 08:00 and 08:30. */
export function clockOf(written) {
  const [, hours, minutes] = written.trim().match(/^(\d{1,2})[:：.]?(\d{2})?$/u) || [];
  return hours ? `${hours.padStart(2, "0")}:${minutes || "00"}` : written.trim();
}

class Line {
  constructor(span, remove) {
    lines += 1;
    this.days = DAYS.map((words, at) => ({
      number: at + 1,
      input: el("input", { type: "checkbox", checked: span.days.includes(at + 1) }),
      words: _(words),
    }));
    this.from = this.clock("from", span.from);
    this.to = this.clock("to", span.to);
    this.problem = el("p", { class: "field-problem", id: `hours-problem-${lines}`, role: "alert", hidden: true });
    this.node = el("li", { class: "hours-line" },
      el("div", { class: "days", role: "group", "aria-label": _("星期几") },
        this.days.map(({ input, words }) => el("label", { class: "day" }, input, el("span", {}, words)))),
      el("div", { class: "row wrap" },
        el("label", { class: "row" }, el("span", {}, _("从")), this.from),
        el("label", { class: "row" }, el("span", {}, _("到")), this.to),
        el("button", { type: "button", class: "btn", onclick: () => remove(this) }, _("去掉"))),
      this.problem);
  }

  clock(name, value) {
    const input = el("input", { class: "field num", name: `hours-${name}`, inputmode: "decimal", maxlength: 5, autocomplete: "off", placeholder: "08:00", value,
      "aria-describedby": `hours-problem-${lines}`, onchange: () => { input.value = clockOf(input.value); } });
    return input;
  }

  read() {
    return {
      days: this.days.filter(({ input }) => input.checked).map(({ number }) => number),
      from: clockOf(this.from.value),
      to: clockOf(this.to.value),
    };
  }

  /** Say what is wrong with this line, at the part that is; nothing where all is well. */
  refuse(words, part = "days") {
    const inputs = { from: this.from, to: this.to, days: this.days[0].input };
    for (const input of Object.values(inputs)) input.removeAttribute("aria-invalid");
    this.problem.hidden = !words;
    this.problem.textContent = words;
    if (!words) return null;
    const input = inputs[part] || this.from;
    input.setAttribute("aria-invalid", "true");
    return input;
  }
}

/** The part of the form that says when. */
export class Hours {
  constructor(hours) {
    this.lines = [];
    this.list = el("ul", { class: "hours-lines" });
    this.always = this.choice("always", !hours);
    this.some = this.choice("some", Boolean(hours));
    this.more = el("button", { type: "button", class: "btn", onclick: () => this.add().from.focus() }, _("加一个时段"));
    this.none = el("p", { class: "mut s" }, _("一个时段也没有：从不开"));
    this.node = el("fieldset", { class: "wide" }, el("legend", {}, _("什么时候开")),
      el("div", { class: "checks" },
        el("label", { class: "check" }, this.always, _("一直开")),
        el("label", { class: "check" }, this.some, _("按时段"))),
      this.list, this.none, this.more);
    for (const span of hours || []) this.add(span);
    this.follow();
  }

  choice(value, checked) {
    return el("input", { type: "radio", name: "hours", value, checked, onchange: () => {
      if (this.some.checked && !this.lines.length) this.add();
      this.follow();
    } });
  }

  add(span = { days: [1, 2, 3, 4, 5], from: "08:00", to: "17:30" }) {
    const line = new Line(span, (gone) => {
      this.lines.splice(this.lines.indexOf(gone), 1);
      gone.node.remove();
      this.follow();
      this.more.focus();
    });
    this.lines.push(line);
    this.list.append(line.node);
    this.follow();
    return line;
  }

  follow() {
    const timed = this.some?.checked;
    if (!this.none) return;
    this.list.hidden = !timed;
    this.more.hidden = !timed || this.lines.length >= MOST;
    this.none.hidden = !timed || this.lines.length > 0;
  }

  read() {
    return this.always.checked ? null : this.lines.map((line) => line.read());
  }

  /** The field of the first line in which something is missing, or null. */
  unsaid() {
    if (this.always.checked) return null;
    return this.lines.map((line) => {
      const { days, from, to } = line.read();
      if (!days.length) return line.refuse(_("选星期几"));
      return from && to ? null : line.refuse(_("写几点到几点"), from ? "to" : "from");
    }).find(Boolean) || null;
  }

  clear() {
    for (const line of this.lines) line.refuse("");
  }

  /** Say at its line what the server did not take; `path` is as in `2.from`, lines count from 1. */
  refuse(path, words) {
    const [number, part] = path.split(".");
    const line = this.lines[Number(number) - 1];
    return line ? line.refuse(words, part) : null;
  }
}
