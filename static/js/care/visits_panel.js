// Households whose visit is overdue: how many, how long, and what stands before the visit.
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { areaTable, figures } from "./table.js";

const days = (n) => (n === null ? "–" : n_("{n} 天", n, { n: number(n) }));

function needs(row) {
  const found = row.by_need.map((one) => (one.overdue === null
    ? _("{need} 不到 3 户", { need: one.label }) : `${one.label} ${number(one.overdue)}`));
  return terms.listed(found) || "–";
}

function before(row) {
  const found = [
    row.no_member && _("格里没有网格员 {n}", { n: number(row.no_member) }),
    row.missed && _("上次没遇到人 {n}", { n: number(row.missed) }),
    row.not_yet && _("还没去 {n}", { n: number(row.not_yet) }),
  ].filter(Boolean);
  return terms.listed(found) || "–";
}

export class VisitsPanel {
  constructor(panel, { choose }) {
    Object.assign(this, { panel, choose, name: "visits", answer: null });
  }

  async load(level) {
    this.panel.loading(8);
    try {
      this.answer = await get(`/api/care/visits?level=${level}`);
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load(level));
    }
  }

  draw() {
    const { total, rows, level } = this.answer;
    if (!rows.length) {
      this.panel.show(emptyLine(_("没有要走访的住户。先在“规则”里写走访间隔")));
      return;
    }
    const columns = [
      { words: { grid: _("网格"), community: _("社区"), township: _("街镇") }[level] },
      { words: _("过期户"), value: (row) => row.overdue },
      { words: _("要走访的户"), value: (row) => row.households },
      { words: _("一半过期超过"), value: (row) => days(row.median_days === null ? null : Math.round(row.median_days)) },
      { words: _("最久"), value: (row) => days(row.longest_days) },
      { words: _("哪些需要"), value: needs, text: true },
      { words: _("卡在哪里"), value: before, text: true },
    ];
    this.panel.show(
      figures([
        [number(total.overdue), _("户走访过期，共 {n} 户要走访", { n: number(total.households) })],
        [days(total.longest_days), _("最久的一户")],
        [number(total.no_member), _("户所在网格没有网格员")],
      ]),
      el("div", { class: "care-note s mut" }, el("p", {}, _("按规则该走访、到今天还没去成的住户。不是对人的考核。"))),
      areaTable(_("走访过期的住户"), level, rows, columns, this.choose));
  }

  /** The share of a grid's households that are overdue. */
  share(code) {
    const row = this.answer?.rows.find((one) => one.code === code);
    return row?.households ? row.overdue / row.households : null;
  }

  said(code) {
    const row = this.answer?.rows.find((one) => one.code === code);
    return row ? _("{n} 户走访过期，占 {share}", { n: number(row.overdue), share: percent(this.share(code), 0) }) : "";
  }
}
