// How the first draft is made, asked where it is asked for: the same list as on the plan's page.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { errorLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { asked, optionFields } from "../pages/plan_options.js";
import { bearingTool } from "./slide_arrow.js";

/** One field of the list, labelled; gives its input as well. */
function inputOf({ name, label, type = "text", value = "", options = null, ...more }) {
  const id = `draft-${name}`;
  const input = options
    ? el("select", { class: "select", id, name }, options.map(([key, words]) => el("option", { value: key, selected: key === value }, words)))
    : el("input", { class: "field num", id, name, type, value, inputmode: "decimal", ...more });
  return { name, input, node: el("label", { class: "stack-field" }, el("span", { class: "s" }, label), input) };
}

/** The shelters of the county, to be ticked out of this plan. */
class Shelters {
  constructor() {
    this.boxes = [];
    this.list = el("div", { class: "checks draft-shelters" });
    this.said = el("summary", {}, _("哪些安置点不用（都用）"));
    this.node = el("details", { class: "draft-without" }, this.said, this.list);
    this.node.addEventListener("toggle", () => {
      if (this.node.open && !this.boxes.length) this.load();
    });
  }

  async load() {
    try {
      const { features } = await get("/api/facilities");
      const open = features.map(({ properties }) => properties).filter((p) => p.kind === "shelter" && p.open !== false)
        .sort((one, other) => String(one.name).localeCompare(String(other.name)));
      this.boxes = open.map((p) => ({ id: Number(p.id), input: el("input", { type: "checkbox", onchange: () => this.say() }), words: p.name }));
      replace(this.list, this.boxes.length ? this.boxes.map(({ input, words }) => el("label", { class: "check" }, input, words))
        : el("p", { class: "mut s" }, _("没有开着的安置点")));
    } catch (error) {
      replace(this.list, errorLine(error, () => this.load()));
    }
  }

  say() {
    const out = this.read().length;
    this.said.textContent = out ? n_("不用 {n} 处安置点", out) : _("哪些安置点不用（都用）");
  }

  read() {
    return this.boxes.filter(({ input }) => input.checked).map(({ id }) => id);
  }
}

/** Options of a draft; what was asked of the same hazard before is kept while its panel is open. */
export class DraftOptions {
  constructor(view) {
    this.fields = optionFields({}).map(inputOf);
    this.shelters = new Shelters();
    const bearing = this.fields.find(({ name }) => name === "slide_bearing");
    this.node = el("details", { class: "pad draft-options" }, el("summary", {}, _("怎么起草（不改就按常规）")),
      el("div", { class: "stack-form" }, this.fields.map((field) => (field === bearing && view
        ? el("div", { class: "draft-bearing" }, field.node, bearingTool(view, bearing.input)) : field.node)), this.shelters.node));
  }

  /** As the server takes them. */
  read() {
    const values = Object.fromEntries(this.fields.map(({ name, input }) => [name, input.value]));
    return { ...asked(values), without: this.shelters.read() };
  }
}
