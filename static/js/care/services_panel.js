// Services wanted against services offered: what nobody meets, and what nobody uses.
import { get } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment, number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { areaTable, figures } from "./table.js";
import * as words from "./words.js";

const REASONS = ["nobody", "too_far", "full", "no_street"];

function why(row) {
  return REASONS.filter((name) => row[name]).map((name) => `${words.unmet(name)} ${number(row[name])}`).join(_("、")) || "–";
}

export class ServicesPanel {
  constructor(panel, { choose, now, changed }) {
    Object.assign(this, { panel, choose, now, changed, name: "services", run: null, answer: null, service: "" });
    this.select = el("select", { class: "select", "aria-label": _("哪项服务"), onchange: () => {
      this.service = this.select.value;
      this.draw();
      this.changed();
    } });
    replace(panel.section.querySelector(".tools"), this.select);
    this.select.hidden = true;
  }

  async load(level) {
    this.panel.loading(8);
    try {
      const { run } = await get("/api/care/runs");
      this.run = run;
      if (run) {
        [this.answer, this.unused] = await Promise.all([
          get(`/api/care/runs/${run.id}/areas?level=${level}`), get(`/api/care/runs/${run.id}/offers`)]);
      }
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load(level));
    }
  }

  /** Rows of the chosen service, or of all of them together. */
  rows() {
    if (!this.service) return this.answer.rows;
    return this.answer.rows.flatMap((row) => row.services.filter(({ service }) => service === this.service)
      .map((one) => ({ ...one, code: row.code, label: row.label, name: row.name })))
      .sort((one, other) => other.unmet - one.unmet || other.open - one.open);
  }

  choices() {
    const { services } = this.answer;
    if (!services.some(({ service }) => service === this.service)) this.service = "";
    replace(this.select, el("option", { value: "" }, _("全部服务")),
      services.map(({ service }) => el("option", { value: service, selected: service === this.service }, words.service(service))));
    this.select.hidden = services.length < 2;
  }

  draw() {
    const { run, answer, panel } = this;
    panel.section.classList.toggle("run-stale", Boolean(run?.stale));
    if (!run) {
      this.select.hidden = true;
      panel.show(emptyLine(_("还没对过供需。点“重新对供需”")));
      return;
    }
    this.choices();
    const { totals } = run;
    const columns = [
      { words: { grid: _("网格"), community: _("社区"), township: _("街镇") }[answer.level] },
      { words: _("没人接"), value: (row) => row.unmet },
      { words: _("要的"), value: (row) => row.wanted },
      { words: _("能接上"), value: (row) => row.could },
      { words: _("已接上"), value: (row) => row.met },
      { words: _("为什么没人接"), value: why, text: true },
    ];
    panel.show(
      figures([
        [number(totals.open - totals.could), _("项没人接，共要 {n} 项", { n: number(totals.open) })],
        [number(totals.households), _("户在等")],
        [number(totals.left), _("份供给没人用，共 {n} 份", { n: number(totals.capacity) })],
      ]),
      el("div", { class: "care-note s mut" },
        run.stale && el("p", { class: "stale-line" }, _("数据已变，这是 {time} 对的", { time: moment(run.created_at, this.now()) })),
        el("p", {}, _("按路走得到、每周容量够，尽量多接，再尽量近。{time} 对的，第 {n} 次", { time: moment(run.created_at, this.now()), n: run.id }))),
      answer.rows.length ? areaTable(_("要的服务和供给"), answer.level, this.rows(), columns, this.choose)
        : emptyLine(_("没有住户要服务")),
      this.kinds(), this.left());
  }

  kinds() {
    const { services } = this.answer;
    if (!services.length) return null;
    return [el("h3", { class: "sub-title" }, _("按服务")),
      el("table", { class: "list" },
        el("thead", {}, el("tr", {}, [_("服务"), _("没人接"), _("要的"), _("能接上"), _("已接上"), _("为什么没人接")].map((one, at) =>
          el("th", { scope: "col", class: at > 0 && at < 5 ? "n" : "" }, one)))),
        el("tbody", {}, services.map((row) => el("tr", {}, el("th", { scope: "row" }, words.service(row.service)),
          [row.unmet, row.wanted, row.could, row.met].map((n) => el("td", { class: "n num" }, number(n))),
          el("td", { class: "words" }, why(row))))))];
  }

  left() {
    const rows = this.unused.offers.filter(({ left }) => left > 0);
    if (!rows.length) return null;
    return [el("h3", { class: "sub-title" }, _("没人用的供给")),
      el("table", { class: "list" },
        el("thead", {}, el("tr", {}, [_("谁"), _("服务"), _("没用上"), _("容量"), _("为什么")].map((one, at) =>
          el("th", { scope: "col", class: at === 2 || at === 3 ? "n" : "" }, one)))),
        el("tbody", {}, rows.map((row) => el("tr", {},
          el("th", { scope: "row" }, row.name, el("span", { class: "mut under" }, words.provider(row.provider))),
          el("td", { class: "words" }, words.list(row.services, words.service)),
          el("td", { class: "n num" }, number(row.left)), el("td", { class: "n num" }, number(row.capacity)),
          el("td", { class: "words" }, words.unused(row.reason))))))];
  }

  /** The share of a grid's wishes that nobody meets. */
  share(code) {
    const row = this.answer && this.rows().find((one) => one.code === code);
    return row?.wanted ? row.unmet / row.wanted : null;
  }

  said(code) {
    const row = this.answer && this.rows().find((one) => one.code === code);
    return row ? _("{n} 项没人接，占 {share}", { n: number(row.unmet), share: percent(this.share(code), 0) }) : "";
  }
}
