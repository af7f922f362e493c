// The standards as a row of buttons; those that have no room are in a list behind "more".
import { el, replace } from "../core/dom.js";
import { language } from "../core/page.js";
import { _ } from "../core/words.js";

const WIDE = "(min-width: 1600px)";
const NARROW = "(max-width: 1100px)";

/** The standards that have a button: the first ones, and the chosen one. */
export function shownOf(standards, chosen, room) {
  if (standards.length <= room + 1) return standards;
  const first = standards.slice(0, room);
  if (!chosen || first.includes(chosen)) return first;
  return [...first.slice(0, room - 1), chosen];
}

export class StandardsBar {
  constructor(box, desk) {
    Object.assign(this, { box, desk });
    box.addEventListener("keydown", (event) => this.key(event));
    for (const query of [WIDE, NARROW]) matchMedia(query).addEventListener("change", () => this.draw());
    for (const name of ["standards", "standard"]) desk.addEventListener(name, () => this.draw());
  }

  get room() {
    const wide = matchMedia(WIDE).matches;
    if (language === "en" ? !wide : matchMedia(NARROW).matches) return 2;
    return wide && language !== "en" ? 4 : 3;
  }

  draw() {
    const { desk } = this;
    const shown = shownOf(desk.standards, desk.standard, this.room);
    const rest = desk.standards.filter((one) => !shown.includes(one));
    const focused = this.box.contains(document.activeElement) && document.activeElement.getAttribute("role") === "radio";
    replace(this.box, shown.map((one) => {
      const chosen = one.key === desk.standard?.key;
      return el("button", {
        type: "button", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? 0 : -1,
        class: chosen ? "on" : "", "data-key": one.key, onclick: () => desk.choose(one),
      }, one.name || one.key);
    }));
    this.drawMore(rest);
    if (focused) this.box.querySelector("[aria-checked=true]")?.focus();
  }

  drawMore(rest) {
    this.more ||= el("select", {
      class: "select more", "aria-label": _("更多标准"),
      onchange: () => this.desk.choose(this.desk.standards.find(({ key }) => key === this.more.value)),
    });
    replace(this.more, el("option", { value: "" }, _("更多")),
      rest.map((one) => el("option", { value: one.key }, one.name || one.key)));
    this.more.hidden = !rest.length;
    if (!this.more.isConnected) this.box.after(this.more);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { standards, standard } = this.desk;
    const next = standards[(standards.indexOf(standard) + step + standards.length) % standards.length];
    this.desk.choose(next);
    this.box.querySelector("[aria-checked=true]")?.focus();
  }
}
