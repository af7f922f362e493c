// The hours a week that visits ask of a grid, beside what its members can bear.
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { distance, number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { areaTable, figures } from "./table.js";

const hours = (n) => n.toFixed(1);

function state(row) {
  if (!row.grids) return _("先落位");
  if (row.grids === 1) {
    if (row.without_member) return _("没有网格员");
    if (row.over) return _("超了，改格或多派人");
    return row.share === null ? _("没有要走访的户") : "✓";
  }
  const found = [
    row.over && n_("{n} 格超了", row.over, { n: number(row.over) }),
    row.without_member && n_("{n} 格没有网格员", row.without_member, { n: number(row.without_member) }),
  ].filter(Boolean);
  return found.join(_("、")) || "✓";
}

export class LoadsPanel {
  constructor(panel, { choose }) {
    Object.assign(this, { panel, choose, name: "loads", answer: null });
  }

  async load(level) {
    this.panel.loading(8);
    try {
      this.answer = await get(`/api/care/loads?level=${level}`);
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load(level));
    }
  }

  draw() {
    const { total, rows, level, rule } = this.answer;
    if (!rows.length || !rule) {
      this.panel.show(emptyLine(_("还没有网格。规划员先画网格")));
      return;
    }
    const columns = [
      { words: { grid: _("网格"), community: _("社区"), township: _("街镇") }[level] },
      { words: _("每周要的小时"), value: (row) => hours(row.hours) },
      { words: _("受得了的小时"), value: (row) => number(row.bearable) },
      { words: _("占"), value: (row) => percent(row.share, 0) },
      { words: _("每周走访"), value: (row) => hours(row.visits_week) },
      { words: _("一圈路"), value: (row) => distance(row.walk_metres) },
      { words: _("网格员"), value: (row) => row.members },
      { words: _("怎么样"), value: state, text: true },
    ];
    this.panel.show(
      figures([
        [number(total.over), _("格超过受得了的")],
        [number(total.without_member), _("格没有网格员")],
        [hours(total.hours), _("小时每周，共受得了 {n}", { n: number(total.bearable) })],
      ]),
      el("div", { class: "care-note s mut" },
        el("p", {}, _("一次走访 {m} 分钟，每人每周最多 {h} 小时，路按一周一圈估。依据：{source}", {
          m: rule.visit_minutes, h: rule.weekly_hours, source: rule.source })),
        el("p", {}, _("超了是改格或分担的理由，不是对人的考核。"))),
      areaTable(_("走访要多少时间"), level, rows, columns, this.choose));
  }

  /** How far beyond what is bearable: on the scale of the shading, up to full is its first half. */
  share(code) {
    const row = this.answer?.rows.find((one) => one.code === code);
    if (!row || !row.visits_week) return null;
    if (row.without_member) return 1;
    if (row.share < 0.8) return 0;
    if (row.share <= 1) return 0.1;
    return row.share < 1.5 ? 0.3 : 1;
  }

  said(code) {
    const row = this.answer?.rows.find((one) => one.code === code);
    return row ? _("每周要 {n} 小时，受得了 {m}", { n: hours(row.hours), m: number(row.bearable) }) : "";
  }
}
