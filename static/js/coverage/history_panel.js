// How a standard's cover has changed from run to run: a line, and the same as a table.
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, number, percent } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { rowsOf } from "../pages/coverage_panel.js";
import { shareOfTotals } from "./answer.js";
import { lineChart } from "./chart.js";

export class HistoryPanel {
  constructor(panel, desk, { now, open }) {
    Object.assign(this, { panel, desk, now, openRun: open, active: false });
    desk.addEventListener("run", () => this.active && this.open());
  }

  close() {
    this.active = false;
  }

  async open() {
    this.active = true;
    const { desk, panel } = this;
    const { key } = desk.standard;
    panel.loading(5);
    try {
      const area = desk.run?.area ? `&area=${encodeURIComponent(desk.run.area)}` : "";
      const answer = await get(`/api/coverage/history?standard=${encodeURIComponent(key)}${area}`);
      if (key === desk.standard.key && this.active) this.draw(rowsOf(answer, "runs", "items", "history"));
    } catch (error) {
      panel.fail(error, () => this.open());
    }
  }

  draw(found) {
    const runs = found.map((run) => ({ ...run, at: run.ended_at || run.created_at }))
      .filter((run) => run.at && run.totals?.households)
      .sort((one, other) => String(one.at).localeCompare(String(other.at)));
    if (!runs.length) {
      this.panel.show(emptyLine(_("这个标准还没算过。点“重新算”")));
      return;
    }
    const now = this.now();
    const points = runs.map((run) => ({ at: run.at, share: shareOfTotals(run.totals) }));
    const [first, last] = [points[0], points[points.length - 1]];
    const words = _("到得了的户占比，{a} 是 {x}，{b} 是 {y}", {
      a: moment(first.at, now), x: percent(first.share), b: moment(last.at, now), y: percent(last.share),
    });
    this.panel.show(
      runs.length > 1
        ? el("figure", { class: "chart-box" }, lineChart(points, { words, dateOf: (at) => moment(at, now) }),
          el("figcaption", { class: "mut s" }, n_("到得了的户占比，{n} 次", runs.length)))
        : el("p", { class: "pad s mut" }, _("只算过一次，再算一次才有变化")),
      el("table", { class: "list" }, el("caption", { class: "sr" }, _("每次算的结果")),
        el("thead", {}, el("tr", {}, [[_("时间")], [_("到得了"), "n"], [_("到不了"), "n"], [_("到不了的人"), "n"], [_("变化"), "n"]]
          .map(([word, name]) => el("th", { scope: "col", class: name || "" }, word)))),
        el("tbody", {}, [...runs].reverse().map((run, i, all) => this.row(run, all[i + 1], now)))));
  }

  row(run, earlier, now) {
    const change = earlier ? run.totals.uncovered - earlier.totals.uncovered : null;
    const signed = change === null ? "–" : change > 0 ? `+${number(change)}` : number(change);
    return el("tr", { class: run.id === this.desk.run?.id ? "sel" : "" },
      el("th", { scope: "row" }, el("button", { type: "button", class: "row-button num", onclick: () => this.openRun(run.id) }, moment(run.at, now)),
        el("span", { class: "mut under" }, `R-${run.id}`)),
      el("td", { class: "n num" }, percent(shareOfTotals(run.totals))),
      el("td", { class: "n num" }, el("b", {}, number(run.totals.uncovered))),
      el("td", { class: "n num mut" }, number(run.totals.people_uncovered)),
      el("td", { class: "n num" }, signed));
  }
}
