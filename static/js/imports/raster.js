// What a raster means: depths from which a level begins, or categories that are of a level.
import { el, replace } from "../core/dom.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { kindOptions } from "../duty/hazard_levels.js";

const RISING = ["blue", "yellow", "orange", "red"];
const DEPTHS = { blue: "0.15", yellow: "0.3", orange: "0.6", red: "1.2" };
const USUAL = "flood";
const RASTER = /\.tiff?$/iu;

/** `value=level` pairs as the server takes them; empty fields say nothing. */
export function pairs(said, categories) {
  return RISING.flatMap((level) => String(said[level] || "").split(categories ? /[,，、\s]+/u : /$^/u)
    .map((value) => value.trim()).filter(Boolean).map((value) => `${value}=${level}`)).join(",");
}

export class RasterWays {
  constructor(box) {
    this.box = box;
    this.kind = el("select", { class: "select", name: "hazard_kind" }, kindOptions(USUAL));
    // events of social security have no levels, and a raster says nothing but levels
    this.kind.querySelector("optgroup:last-of-type")?.remove();
    this.depths = this.choice("depths", true);
    this.categories = this.choice("categories", false);
    this.levels = el("div", { class: "raster-levels" });
    replace(box, el("legend", {}, _("栅格里的值是什么")),
      el("label", { class: "stack" }, el("span", { class: "s" }, _("险情种类")), this.kind),
      el("div", { class: "row wrap" }, el("label", { class: "check" }, this.depths, _("深度，到了就是那一级")), el("label", { class: "check" }, this.categories, _("类别，一个值一类"))),
      this.levels);
    this.draw();
  }

  choice(value, checked) {
    return el("input", { type: "radio", name: "raster-way", value, checked, onchange: () => this.draw() });
  }

  draw() {
    const categories = this.categories.checked;
    this.inputs = Object.fromEntries(RISING.map((level) => [level, el("input", {
      class: "field num", name: `level-${level}`, inputmode: categories ? "text" : "decimal", value: categories ? "" : DEPTHS[level], maxlength: 80,
    })]));
    replace(this.levels, RISING.map((level) => el("label", { class: "stack" },
      el("span", { class: "s" }, categories ? _("{colour}色是哪些值，逗号隔开", { colour: terms.colourName(level) }) : _("{colour}色从几米起，不填没有", { colour: terms.colourName(level) })), this.inputs[level])));
  }

  /** Shown for rasters alone; who sends hazards as shapes is asked nothing. */
  follow(kind, file) {
    this.box.hidden = kind !== "hazards" || !RASTER.test(file?.name || "");
  }

  /** No depth at all is filled in: what then counted would be others than one sees. */
  empty() {
    return !this.box.hidden && !this.categories.checked && RISING.every((level) => !this.inputs[level].value.trim());
  }

  /** What goes with the file; nothing of another one, or of the usual depths. */
  read() {
    if (this.box.hidden) return {};
    const categories = this.categories.checked;
    const said = Object.fromEntries(RISING.map((level) => [level, this.inputs[level].value]));
    const levels = pairs(said, categories);
    return { hazard_kind: this.kind.value, ...(levels && { levels }), ...(categories && { categories: "true" }) };
  }
}

