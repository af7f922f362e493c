// The right panel: the border or grid in hand, its measures, its borders as a list.
import { byId, el, replace } from "../core/dom.js";
import { clock, distance, number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { MEASURES, shown } from "./measures.js";
import { sides } from "./scenario.js";

/** Names of both sides of an arc: "003 │ 004", with the outside in words. */
export function arcWords(arc, scenario) {
  const { left, right } = arc.properties;
  return [left, right].map((key) => (key === null || key === undefined ? _("外面") : scenario.label(key))).sort().join(" │ ");
}

/** Kind and member of a grid, where they are known. */
function described({ kind, special_use: use, member }) {
  const words = [kind && terms.gridKind(kind), use && terms.specialUse(use), member && _("网格员 {name}", { name: member.name })].filter(Boolean);
  return words.length > 0 && el("p", { class: "s" }, words.join(" · "));
}

/** Shows what is chosen: an arc, a grid, or a way to choose one without the map. */
export class Chosen {
  constructor({ scenario, chooseArc, chooseGrid, describe, name }) {
    Object.assign(this, { scenario, chooseArc, chooseGrid, describe, name });
    this.head = byId("chosen-head");
    this.table = byId("chosen-measures");
    this.list = byId("chosen-arcs");
    this.stamp = byId("chosen-stamp");
    this.dimmed = false;
  }

  draw({ arc, grid }) {
    this.shown = { arc, grid };
    if (arc) this.drawArc(arc);
    else if (grid) this.drawGrid(grid);
    else this.drawNothing();
    this.drawArcs(arc ? sides(arc).map(String) : grid ? [grid] : [], arc);
    this.drawStamp();
  }

  drawArc(arc) {
    const points = arc.geometry.coordinates.length;
    replace(this.head, el("h2", {}, _("选中的边")),
      el("p", { class: "row wrap" }, el("span", { class: "chip acc num" }, arcWords(arc, this.scenario)),
        el("span", { class: "mut s" }, _("长 {length}", { length: distance(arc.properties.metres) }),
          " · ", n_("{n} 个折点", points, { n: points }))));
    this.drawMeasures(_("两侧网格"), sides(arc));
  }

  drawGrid(key) {
    const { properties: p } = this.scenario.grid(key);
    replace(this.head, el("h2", {}, _("选中的网格")),
      el("p", { class: "row wrap" }, el("span", { class: "chip acc num" }, p.label),
        p.changed && el("span", { class: "chip line" }, _("改过")),
        p.kind !== "special" && el("span", { class: "mut s grow clip" }, p.name || ""),
        this.scenario.can("edit") && el("button", { type: "button", class: "btn quiet", onclick: () => this.describe(key) }, p.kind === "special" ? _("改名称和类别") : _("改名"))),
      p.kind === "special" && el("p", { class: "strong" }, p.name || ""),
      el("p", { class: "mut s num" }, p.code || _("新网格，发布时编号")), described(p), this.community(p.community));
    if (this.scenario.specials.has(key)) this.drawGround(key);
    else this.drawMeasures(_("测度"), [key]);
  }

  /** The community that this draft makes of others: its name may still be changed. */
  community(code) {
    const made = this.scenario.head?.merged?.find((one) => one.code === code);
    return made && el("p", { class: "row wrap" }, el("span", { class: "s grow" }, _("社区 {name}", { name: made.name })),
      this.scenario.can("edit") && el("button", { type: "button", class: "btn quiet", onclick: () => this.name(made) }, _("给社区改名")));
  }

  /** A special grid has no rule of size and no neighbours: what lies on its ground. */
  drawGround(key) {
    const { properties: p } = this.scenario.grid(key);
    const rows = [
      [_("户数"), number(p.households)], [_("人数"), number(p.people)],
      [_("占地"), _("{n} 公顷", { n: ((p.area_m2 || 0) / 10_000).toFixed(2) })],
      [_("里面的设施"), number(p.facilities ?? 0)],
    ];
    replace(this.table, el("h2", {}, _("测度")),
      el("table", { class: this.dimmed ? "ms dim" : "ms" }, el("tbody", {}, rows.map(([words, value]) =>
        el("tr", {}, el("th", { scope: "row" }, words), el("td", { class: "n num" }, value))))),
      el("p", { class: "mut s" }, _("户仍在各自的综合网格里")));
  }

  drawNothing() {
    const choose = el("select", { class: "select", id: "grid-choice" },
      el("option", { value: "" }, _("从列表选网格")),
      this.scenario.sorted().map((grid) => el("option", { value: grid.id },
        `${grid.properties.label} · ${number(grid.properties.households)} ${_("户")}`)));
    choose.addEventListener("change", () => choose.value && this.chooseGrid(choose.value));
    replace(this.head, el("h2", {}, _("选中的边")),
      el("p", { class: "mut s" }, _("在图上点一条边或一个网格")),
      el("label", { class: "sr", for: "grid-choice" }, _("从列表选网格")), choose);
    replace(this.table);
  }

  drawMeasures(title, keys) {
    const grids = keys.map((key) => this.scenario.grid(key)).filter(Boolean)
      .sort((one, other) => one.properties.label.localeCompare(other.properties.label, "en", { numeric: true }));
    replace(this.table, el("h2", {}, title),
      el("table", { class: this.dimmed ? "ms dim" : "ms" },
        el("thead", {}, el("tr", {}, el("td"), grids.map(({ properties: p }) => el("th", { scope: "col", class: "n num" }, p.label)))),
        el("tbody", {}, MEASURES
          .filter((measure) => shown(measure, grids))
          .map(({ words, say }) => el("tr", {}, el("th", { scope: "row" }, _(words)),
            grids.map(({ properties }) => el("td", { class: "n num" }, say(properties))))))));
  }

  drawArcs(keys, arc) {
    const rows = keys.length
      ? [...new Map(keys.flatMap((key) => this.scenario.arcsOf(key)).map((one) => [one.id, one])).values()]
      : [];
    const movable = rows.filter(({ properties }) => properties.movable);
    this.list.closest("section").hidden = !movable.length;
    const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.arc;
    replace(this.list, movable.map((one) => el("li", {}, el("button", {
      type: "button", class: arc?.id === one.id ? "btn on" : "btn", "data-arc": one.id,
      "aria-pressed": String(arc?.id === one.id), onclick: () => this.chooseArc(one),
    }, el("span", { class: "num" }, arcWords(one, this.scenario)),
    el("span", { class: "mut s num" }, distance(one.properties.metres))))));
    if (focused) [...this.list.querySelectorAll("button")].find(({ dataset }) => dataset.arc === focused)?.focus();
  }

  /** While a border is dragged the figures are not yet true. */
  dim(dimmed) {
    if (dimmed === this.dimmed) return;
    this.dimmed = dimmed;
    this.table.querySelector("table")?.classList.toggle("dim", dimmed);
    this.drawStamp();
  }

  drawStamp() {
    const { confirmedAt } = this.scenario;
    this.stamp.textContent = this.dimmed
      ? _("数字等服务器确认")
      : confirmedAt ? _("服务器 {time}", { time: clock(confirmedAt) }) : "";
  }

  /** Draw again what is shown, from what the scenario holds now. */
  refresh() {
    const { arc, grid } = this.shown || {};
    const held = arc && this.scenario.arcs.get(String(arc.id));
    this.draw({ arc: held || null, grid: grid && this.scenario.grid(grid) ? grid : null });
  }
}
