// What-ifs that were kept under a name: opened again, or thrown away.
import { get, remove } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, percent } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { ask } from "../planner/dialog.js";
import { rowsOf } from "../pages/coverage_panel.js";
import { shareOfTotals } from "./answer.js";
import { refusalWords } from "./words.js";

export class OptionsPanel {
  constructor(panel, desk, { now, take }) {
    Object.assign(this, { panel, desk, now, take, active: false });
  }

  close() {
    this.active = false;
  }

  /** Read again what is kept. */
  async open() {
    this.active = true;
    this.panel.loading(3);
    try {
      this.draw(rowsOf(await get("/api/coverage/options"), "options", "items"));
    } catch (error) {
      this.panel.fail(error, () => this.open());
    }
  }

  draw(kept) {
    this.panel.show(kept.length
      ? el("ul", { class: "option-list" }, kept.map((one) => this.option(one)))
      : emptyLine(_("还没有存过方案。打开“假设”试一试")));
  }

  nameOf(key) {
    return this.desk.standards.find((one) => one.key === key)?.name || key;
  }

  option(one) {
    const shares = [one.before, one.after].map((totals) => percent(shareOfTotals(totals?.totals || totals)));
    return el("li", { class: "line" },
      el("div", { class: "grow" }, el("b", {}, one.name),
        el("p", { class: "s mut num" }, `${this.nameOf(one.standard)} · ${shares[0]} → ${shares[1]}`),
        el("p", { class: "xs mut num" }, [one.by?.name || one.by, moment(one.created_at, this.now())].filter(Boolean).join(" · ")),
        one.stale && el("span", { class: "age old" }, _("数据已变，要重算"))),
      may("coverage.run") && el("div", { class: "row" },
        el("button", { type: "button", class: "btn", "aria-label": _("打开{name}", { name: one.name }), onclick: () => this.take(one) }, _("打开")),
        el("button", { type: "button", class: "btn", "aria-label": _("删掉{name}", { name: one.name }), onclick: () => this.drop(one) }, _("删掉"))));
  }

  async drop(one) {
    const gone = await ask({
      title: _("删掉{name}", { name: one.name }), lines: [_("方案删掉就没有了，真的数据不动。")],
      go: _("删掉"), leave: _("不删"), explain: refusalWords, run: () => remove(`/api/coverage/options/${encodeURIComponent(one.id)}`),
    });
    if (gone) this.open();
  }
}
