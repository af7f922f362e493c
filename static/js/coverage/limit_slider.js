// The slider of the limit: its value stands under the thumb, both ends at the ends.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { limitWords } from "./limits.js";

const THUMB = 28;

export class LimitSlider {
  constructor(box, desk) {
    Object.assign(this, { box, desk });
    this.input = el("input", { type: "range", id: "limit", "aria-label": _("限值"), oninput: () => this.moved() });
    this.now = el("output", { class: "limit-now num", for: "limit" });
    this.least = el("span", { class: "limit-end num", "aria-hidden": "true" });
    this.most = el("span", { class: "limit-end last num", "aria-hidden": "true" });
    this.back = el("button", { type: "button", class: "btn quiet", hidden: true, onclick: () => this.reset() });
    this.why = el("span", { class: "mut s", hidden: true }, _("按容量算，改限值要重算"));
    replace(box, el("label", { for: "limit", class: "limit-name" }, _("限值")),
      el("div", { class: "limit" }, this.input, this.least, this.now, this.most), this.back, this.why);
    desk.addEventListener("run", () => this.fit());
    desk.addEventListener("limit", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.input);
  }

  fit() {
    const { desk, input } = this;
    this.box.hidden = !desk.run;
    if (!desk.run) return;
    const { min, max, step } = desk.range;
    Object.assign(input, { min, max, step, disabled: desk.fixed });
    input.value = String(desk.limit);
    this.why.hidden = !desk.fixed;
    this.box.classList.toggle("fixed-limit", desk.fixed);
    this.least.textContent = limitWords(desk.by, min);
    this.most.textContent = limitWords(desk.by, max);
    this.back.textContent = _("回到 {limit}", { limit: limitWords(desk.by, desk.own) });
    this.draw();
  }

  moved() {
    const asked = Number(this.input.value);
    // The server is asked in whole seconds and metres.
    this.desk.setLimit(Math.abs(asked - this.desk.own) < 1 ? this.desk.own : Math.round(asked));
  }

  reset() {
    this.input.value = String(this.desk.own);
    this.moved();
    this.input.focus();
  }

  draw() {
    const { desk, input, now } = this;
    if (!desk.run) return;
    const words = limitWords(desk.by, desk.limit);
    const share = (desk.limit - Number(input.min)) / (Number(input.max) - Number(input.min) || 1);
    now.textContent = words;
    input.setAttribute("aria-valuetext", words);
    const width = input.clientWidth - THUMB;
    now.style.left = `${THUMB / 2 + share * width}px`;
    input.style.setProperty("--share", `${(share * 100).toFixed(1)}%`);
    this.least.classList.toggle("under", share < 0.32);
    this.most.classList.toggle("under", share > 0.7);
    this.back.hidden = desk.limit === desk.own;
  }
}
