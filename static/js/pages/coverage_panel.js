// Coverage beside the map: each standard with the share that is reached and the age of its run.
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, number, percent } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";

/** The newest finished run of each standard. */
export function newestRuns(runs) {
  const newest = new Map();
  for (const run of runs) {
    if (run.state !== "done") continue;
    const other = newest.get(run.standard);
    if (!other || String(run.ended_at) > String(other.ended_at)) newest.set(run.standard, run);
  }
  return newest;
}

/** The list in an answer, whichever way it is wrapped. */
export function rowsOf(answer, ...names) {
  if (Array.isArray(answer)) return answer;
  for (const name of names) if (Array.isArray(answer?.[name])) return answer[name];
  return [];
}

function row(standard, run, now) {
  if (!run) {
    return el("li", { class: "cov" }, el("b", { class: "clip" }, standard.name || standard.key),
      el("span", { class: "mut s" }, _("没算过")));
  }
  const { households, uncovered } = run.totals || {};
  const share = households ? 1 - uncovered / households : null;
  const bar = el("i", { class: "k-arrived" });
  bar.style.width = `${(share || 0) * 100}%`;
  const rest = el("i", { class: "k-none" });
  rest.style.width = `${(1 - (share || 0)) * 100}%`;
  const time = moment(run.ended_at, now);
  return el("li", { class: "cov" },
    el("b", { class: "clip" }, standard.name || standard.key), el("b", { class: "num" }, percent(share)),
    el("span", { class: "bar" }, bar, rest),
    run.stale
      ? el("span", { class: "age old" }, _("数据已变，{time} 算的", { time }))
      : el("span", { class: "mut xs" }, _("{time} 算", { time })),
    el("span", { class: "mut xs num" }, _("{n} 户到不了", { n: number(uncovered) })));
}

export class CoveragePanel {
  /** `shown(run, rows)` is told the run of the first standard and its grids, for the map. */
  constructor(panel, now, shown = () => {}) {
    Object.assign(this, { panel, now, shown });
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 400);
  }

  async load() {
    if (!may("coverage.view")) return;
    try {
      const standards = rowsOf(await get("/api/coverage/standards"), "standards", "items");
      const runs = newestRuns(rowsOf(await get("/api/coverage/runs"), "runs", "items"));
      if (!standards.length) {
        this.panel.show(emptyLine(_("没有覆盖标准")));
        return;
      }
      this.panel.show(
        el("ul", { class: "cov-list" }, standards.map((one) => row(one, runs.get(one.key), this.now()))));
      const first = standards.map((one) => runs.get(one.key)).find(Boolean);
      if (first) this.shown(first, rowsOf(await get(`/api/coverage/runs/${first.id}/grids`), "grids", "items"));
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }
}
