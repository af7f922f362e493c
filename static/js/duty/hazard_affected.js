// Who is affected, in full: kinds of needs and facilities, streets, and every area with its share.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { distance, number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { facilityWord } from "../map/layers/places.js";

const LEVELS = [["grid", "网格", 15], ["community", "社区", 12], ["township", "街镇", 9]];

/** Kinds with their counts in one line; null where there are none or nobody may say. */
function kinds(words, rows, text) {
  if (!rows?.length) return null;
  return el("p", { class: "s pad" }, el("b", {}, words), " ",
    rows.map((row, i) => [i > 0 && _("，"), el("span", { class: "nw" }, text(row))]));
}

function place(row, length) {
  return row.code.length < length ? _("{code}（不在网格里）", { code: row.label }) : row.label;
}

function table(found, level, length) {
  const needs = found.needs !== null;
  const column = (words) => el("th", { scope: "col", class: "n" }, words);
  const sums = (row) => [
    el("td", { class: "n num" }, number(row.households)), el("td", { class: "n num" }, number(row.people)),
    needs && el("td", { class: "n num" }, number(row.with_needs)), el("td", { class: "n num" }, number(row.facilities)),
    el("td", { class: "n num nw" }, distance(row.road_metres)),
  ];
  return el("table", { class: "list affected-rows" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, _("地方")), column(_("户")), column(_("人")),
      needs && column(_("要帮助")), column(_("设施")), column(_("路长")))),
    el("tbody", {}, found.by[level].map((row) =>
      el("tr", {}, el("th", { scope: "row" }, place(row, length)), sums(row)))),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, _("合计")), sums(found))));
}

/** Everything beside the large figures; `open` keeps the table open while the shape is drawn. */
export class Affected {
  constructor() {
    this.level = "grid";
    this.opened = false;
    this.box = el("div", { class: "affected" });
  }

  show(found) {
    this.found = found;
    this.draw();
  }

  clear() {
    this.found = null;
    replace(this.box);
  }

  draw() {
    const { found } = this;
    const [level, , length] = LEVELS.find(([name]) => name === this.level);
    const details = el("details", { class: "pad", open: this.opened, ontoggle: () => { this.opened = details.open; } },
      el("summary", {}, _("按地方看")),
      el("div", { class: "choices", role: "group", "aria-label": _("按什么分") }, LEVELS.map(([name, words]) =>
        el("button", {
          type: "button", class: name === level ? "btn on" : "btn", "aria-pressed": String(name === level),
          "data-level": name, onclick: () => {
            this.level = name;
            this.opened = true;
            this.draw();
            this.box.querySelector(`[data-level=${name}]`).focus();
          },
        }, _(words)))),
      el("div", { class: "wide" }, table(found, level, length)));
    replace(this.box,
      found.surrounded?.households > 0 && el("p", { class: "s pad", "data-surrounded": "" }, el("b", {}, _("被围着的：")), " ",
        _("{households} 户 {people} 人，住在没有险情的中间，出路要穿过险情，没有算进去", { households: number(found.surrounded.households), people: number(found.surrounded.people) })),
      kinds(_("要帮助："), found.needs, (row) => `${terms.need(row.kind)} ${n_("{n} 户", row.households, { n: number(row.households) })}`),
      kinds(_("设施："), found.facility_kinds, (row) => `${facilityWord(row.kind)} ${number(row.facilities)}`),
      found.roads > 0 && el("p", { class: "s pad" }, el("b", {}, _("道路：")), " ",
        _("{n} 段，{km}", { n: number(found.roads), km: distance(found.road_metres) })),
      found.by[level].length > 0 && details);
  }

  /** The same of a hazard that is declared. */
  async load(id) {
    const found = await get(`/api/hazards/${encodeURIComponent(id)}/affected`).catch(() => null);
    if (found) this.show(found);
  }
}
