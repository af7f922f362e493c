// The streets, bridges and facilities that people hang on: who loses cover if one of them is out.
import { el } from "../core/dom.js";
import { number } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { nearWords, refusalWords } from "./words.js";
import { Working } from "./working.js";

const SHOWN_ROWS = 100;

export class CriticalPanel {
  /** `show(streets)` draws them, `choose(row)` goes to one, `tryClosed(street)`, `tryOff(facility)` lead to a what-if. */
  constructor(panel, desk, { show, choose, gridOf, tryClosed, tryOff }) {
    Object.assign(this, { panel, desk, show, choose, gridOf, tryClosed, tryOff, results: new Map(), active: false, number: null });
    this.working = new Working();
    for (const name of ["run", "rows"]) desk.addEventListener(name, () => this.active && this.key !== this.shownKey && this.open());
  }

  get key() {
    return `${this.desk.standard?.key} ${this.desk.run?.id || ""} ${this.desk.limit}`;
  }

  open() {
    this.active = true;
    this.shownKey = this.key;
    const found = this.results.get(this.key);
    if (found) this.draw(found);
    else this.ask();
  }

  close() {
    this.active = false;
    this.show([]);
  }

  ask() {
    this.show([]);
    if (!may("coverage.run")) {
      this.panel.show(emptyLine(_("还没算过哪些路要紧。规划员可以来算")));
      return;
    }
    this.panel.show(emptyLine(_("一条路、一座桥、一个设施断了，多少人就到不了")),
      el("p", { class: "pad row" }, el("button", { type: "button", class: "btn primary", onclick: () => this.run() }, _("算要紧的路"))));
  }

  async run() {
    const { desk, key } = this;
    this.panel.show(this.working.node);
    const body = { standard: desk.standard.key, ...(desk.run?.area ? { area: desk.run.area } : {}) };
    if (desk.limit !== null && desk.limit !== desk.own) body.limit = desk.limit;
    try {
      const result = await this.working.ask("/api/coverage/critical", body);
      if (!result) return;
      result.streets.forEach((street, i) => Object.assign(street, { number: i + 1 }));
      this.results.set(key, result);
      if (this.active && key === this.key) this.draw(result);
    } catch (error) {
      if (!this.active || key !== this.key) return;
      this.ask();
      this.panel.body.prepend(el("p", { class: "failed", role: "alert" }, _("没算成：{why}", { why: refusalWords(error) })));
    }
  }

  draw(result) {
    // told only to those who may read needs
    this.needs = result.before.with_needs !== undefined;
    this.show(result.streets);
    const rows = result.streets.slice(0, SHOWN_ROWS);
    this.panel.show(
      this.desk.fixed && el("p", { class: "pad s mut" }, _("这里没算容量：还有别处走得到就算到得了")),
      rows.length ? this.table(_("要紧的路和桥"), rows, (row) => this.street(row)) : emptyLine(result.state === "no_facility" ? _("没有这类设施在用，所以每户都到不了") : _("断哪一条路都没有户变得到不了")),
      result.streets_found > rows.length && el("p", { class: "pad s mut" }, _("列出前 {n} 条，共 {all} 条", { n: number(rows.length), all: number(result.streets_found) })),
      result.facilities.length > 0 && el("h3", { class: "sub-title" }, _("要紧的设施")),
      result.facilities.length > 0 && this.table(_("要紧的设施"), result.facilities, (row) => this.facility(row)),
      el("p", { class: "pad" }, el("button", { type: "button", class: "btn", onclick: () => this.run() }, _("再算一遍"))));
  }

  table(caption, rows, row) {
    const needs = this.needs ? [[_("要帮助的"), "n"]] : [];
    const heads = [[caption], [_("丢的户"), "n"], [_("人"), "n"], ...needs, [""]];
    return el("table", { class: "list critical-table" }, el("caption", { class: "sr" }, caption),
      el("thead", {}, el("tr", {}, heads.map(([words, name]) => (words
        ? el("th", { scope: "col", class: name || "" }, words) : el("td", {}))))),
      el("tbody", {}, rows.map(row)));
  }

  figures(row) {
    return [el("td", { class: "n num" }, el("b", {}, number(row.households))),
      el("td", { class: "n num mut" }, number(row.people)),
      this.needs && el("td", { class: "n num mut" }, number(row.with_needs))];
  }

  street(row) {
    const near = row.name ? "" : nearWords(row);
    const grid = row.name || near ? "" : this.gridOf(row.geometry);
    const name = row.name || (near ? _("{near}旁没有名字的路", { near }) : grid ? _("{grid} 里没有名字的路", { grid }) : _("没有名字的路"));
    return el("tr", { class: row.number === this.number ? "sel" : "" },
      el("th", { scope: "row" }, el("button", { type: "button", class: "row-button", onclick: () => this.pick(row) },
        `${row.number} ${name}`), row.bridge && el("span", { class: "mut under" }, _("桥"))),
      this.figures(row),
      el("td", {}, may("coverage.run") && el("button", {
        type: "button", class: "btn small", "aria-label": _("假设{name}断了", { name }), onclick: () => this.tryClosed({ ...row, name }),
      }, _("假设断了"))));
  }

  facility(row) {
    return el("tr", {}, el("th", { scope: "row" }, row.name || `${row.id}`), this.figures(row),
      el("td", {}, may("coverage.run") && el("button", {
        type: "button", class: "btn small", "aria-label": _("假设{name}停了", { name: row.name }), onclick: () => this.tryOff(row),
      }, _("假设停了"))));
  }

  pick(row) {
    this.number = row.number;
    this.draw(this.results.get(this.key));
    this.choose(row);
  }
}
