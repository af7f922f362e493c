// Which measure colours the map: a list in the panel, kept while the page is open.
import { byId, el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { COLOURED, measureOf, shown } from "./measures.js";

export class MeasureChoice {
  constructor(changed) {
    this.select = byId("measure");
    this.name = "deviation";
    this.select.addEventListener("change", () => {
      this.name = this.select.value;
      changed();
    });
  }

  /** Measures that some grid has a figure for. */
  offer(grids) {
    const names = COLOURED.filter((measure) => shown(measure, grids));
    const key = names.map(({ name }) => name).join();
    if (key === this.key) return;
    this.key = key;
    replace(this.select, names.map(({ name, words }) =>
      el("option", { value: name, selected: name === this.name }, name === "deviation" ? _("户数比目标多或少") : _(words))));
    this.select.value = this.name;
  }

  get title() {
    return this.name === "deviation" ? _("户数比目标多或少") : _(measureOf(this.name).words);
  }
}
