// Household by household: by grid or only those without a place; a tap shows the way on the map.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { distance, duration, number } from "../core/format.js";
import { errorLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { rowsOf } from "./coverage_panel.js";
import { pointWords, travelWords } from "./plan_leaving.js";
import { shortWords } from "./plan_panel.js";

const PAGE = 200;
const known = (value, words) => (value === null || value === undefined ? "–" : words(value));

/** The list of a plan; `show(household)` draws a way, or all of them again for null. */
export class Homes {
  constructor(address, show) {
    Object.assign(this, { address, show, grid: "", only: "", chosen: null, points: new Map() });
    this.grids = el("select", { class: "field", id: "homes-grid", onchange: () => this.filter() });
    this.who = el("select", { class: "field", id: "homes-who", onchange: () => this.filter() },
      el("option", { value: "" }, _("全部住户")), el("option", { value: "unserved" }, _("只看排不上的")));
    this.body = el("tbody");
    this.more = el("button", { type: "button", class: "btn", onclick: () => this.load() }, _("再看一些"));
    this.foot = el("div", { class: "pad" }, this.more);
    this.all = el("button", { type: "button", class: "btn", hidden: true, onclick: () => this.choose(null) }, _("看全部路线"));
    const heads = [[_("地址")], [_("人"), "n"], [_("要的帮助")], [_("集合")], [_("怎么去")], [_("去往")], [_("走多久"), "n"],
      [_("走多远"), "n"], [_("批次"), "n"]];
    this.box = el("details", { class: "fold-list" },
      el("summary", { class: "btn" }, _("逐户看")),
      el("div", { class: "pad row wrap" },
        el("label", { class: "sr", for: "homes-grid" }, _("网格")), this.grids,
        el("label", { class: "sr", for: "homes-who" }, _("看谁")), this.who, this.all),
      el("div", { class: "sideways", tabindex: 0, role: "region", "aria-label": _("逐户看") },
        el("table", { class: "list" },
          el("caption", { class: "sr" }, _("每户去哪里")),
          el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
          this.body)), this.foot);
    this.box.addEventListener("toggle", () => this.box.open && !this.body.childElementCount && this.load());
  }

  /** Offer the grids of the plan; what is open stays open, and is read anew. */
  of(zones) {
    const key = JSON.stringify(zones.map(({ grid, households, unserved }) => [grid, households, unserved]));
    if (key === this.key) return this.box; // the same rows: a chosen one stays chosen
    this.key = key;
    const before = this.grids.value;
    replace(this.grids, el("option", { value: "" }, _("全部网格")),
      zones.map((zone) => el("option", { value: zone.grid }, zone.label || zone.grid)));
    this.grids.value = zones.some(({ grid }) => grid === before) ? before : "";
    this.restart();
    return this.box;
  }

  /** Look at one grid, from the table of grids. */
  lookAt(grid) {
    this.grids.value = grid;
    this.box.open = true;
    this.filter();
  }

  filter() {
    this.choose(null);
    this.restart();
  }

  restart() {
    this.cursor = null;
    this.body.replaceChildren();
    if (this.box.open) this.load();
  }

  async load() {
    this.more.disabled = true;
    const asked = new URLSearchParams({ limit: PAGE });
    if (this.cursor) asked.set("cursor", this.cursor);
    if (this.grids.value) asked.set("grid", this.grids.value);
    if (this.who.value) asked.set("only", this.who.value);
    const question = (this.question = {});
    try {
      const answer = await get(`${this.address}/assignments?${asked}`);
      if (question !== this.question) return; // the filter has moved on
      const rows = rowsOf(answer, "rows");
      this.body.append(...rows.map((one) => this.row(one)));
      if (!this.body.childElementCount) {
        this.body.append(el("tr", {}, el("td", { colspan: 9, class: "mut" }, _("没有这样的户"))));
      }
      this.cursor = answer.cursor ?? answer.next ?? null;
      this.more.hidden = !this.cursor;
      this.more.disabled = false;
    } catch (error) {
      replace(this.foot, errorLine(error, () => { replace(this.foot, this.more); this.load(); }));
    }
  }

  row(one) {
    const needs = (one.needs || []).map((need) => terms.need(need));
    const name = one.address || String(one.household);
    const line = el("tr", { "data-household": one.household },
      el("th", { scope: "row" }, one.shelter
        ? el("button", { type: "button", class: "row-button", "aria-pressed": "false", onclick: () => this.choose(one) }, name)
        : name),
      el("td", { class: "n num" }, number(one.people)),
      el("td", {}, needs.map((words) => el("span", { class: "chip line" }, words))),
      this.meets(one),
      el("td", { "data-travel": one.travel ?? null }, travelWords(one.travel, one.travel_why) || "–"),
      el("td", { class: "to" }, one.shelter || [el("b", {}, terms.reason(one.reason)), one.short_beds && el("span", { class: "mut s" }, " ", shortWords(one.short_beds, one.short_shelter))]),
      el("td", { class: "n num nw" }, known(one.seconds, duration)),
      el("td", { class: "n num nw" }, known(one.metres, distance)),
      el("td", { class: "n num" }, one.wave ?? "–"));
    return line;
  }

  /** Where a household meets its neighbours. */
  meets(one) {
    if (!one.assembly) return el("td", {}, "–");
    const point = this.points.get(one.assembly);
    return el("td", { "data-point": one.assembly }, point ? pointWords(point) : _("{n} 号", { n: one.assembly }),
      el("span", { class: "mut s nw" }, " ", duration(one.assembly_seconds)));
  }

  choose(one) {
    this.chosen = one && this.chosen?.household !== one.household ? one : null;
    for (const line of this.body.children) {
      const here = this.chosen !== null && line.dataset.household === String(this.chosen.household);
      line.classList.toggle("sel", here);
      line.querySelector(".row-button")?.setAttribute("aria-pressed", String(here));
    }
    this.all.hidden = !this.chosen;
    this.show(this.chosen);
  }
}
