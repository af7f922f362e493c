// What would be if: changes tried out beside the real data, their answer, kept under a name.
import { post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { emptyLine } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { toast } from "../core/toast.js";
import { ask } from "../planner/dialog.js";
import { changeTable, headline } from "./answer.js";
import { Changes, changeWords } from "./changes.js";
import { refusalWords } from "./words.js";
import { WhatIfTools } from "./what_if_tools.js";
import { Working } from "./working.js";

export class WhatIfPanel {
  /** `map` draws: `changes(list)`, `line(points)`, `answer(result or null)`; `facility(id)` is where one stands. */
  constructor(desk, view, { map, facility, choose, chosen, nameOf, kept, leave }) {
    Object.assign(this, { desk, view, map, choose, chosen, nameOf, kept, leave, on: false, result: null });
    this.section = byId("panel-if");
    this.body = this.section.querySelector(".body");
    this.changes = new Changes();
    this.working = new Working();
    this.tools = new WhatIfTools(byId("if-tools"), view, {
      line: map.line,
      facility,
      close: (geometry) => this.made(() => this.changes.close(geometry)),
      move: (one, to) => this.made(() => this.changes.move(Number(one.id), one.name, one.at, to)),
      add: (at) => this.add(at),
      off: (one) => this.made(() => this.changes.off(Number(one.id), one.name, one.at)),
    });
    desk.addEventListener("standard", () => this.changed());
    this.draw();
  }

  /** Enter or leave: the frame round the map and the band over it say it. */
  turn(on) {
    if (this.on === on) return;
    this.on = on;
    document.body.classList.toggle("what-if", on);
    byId("if-band").hidden = !on;
    this.section.hidden = !on;
    if (!on) {
      this.tools.choose(null);
      this.working.leave();
    }
    this.map.changes(on ? this.changes.list : []);
    this.map.answer(on ? this.result : null);
    if (on) this.draw();
  }

  async add(at) {
    if (!this.desk.standard?.capacity) {
      this.made(() => this.changes.put(at));
      return;
    }
    await ask({
      title: _("加一处，能住多少人"), lines: [_("这个标准按容量算。")],
      fields: [{ name: "capacity", type: "number", label: _("能住的人"), value: "300", min: 1, max: 100000, required: true }],
      go: _("加"), leave: _("不加"), grave: false, explain: refusalWords,
      run: async ({ capacity }) => this.made(() => this.changes.put(at, Number(capacity))),
    });
  }

  made(make) {
    make();
    this.changed();
  }

  /** Another question: the answer to the last one is no longer shown. */
  changed() {
    this.working.leave();
    this.result = null;
    this.running = false;
    this.failed = null;
    this.map.answer(null);
    this.map.changes(this.on ? this.changes.list : []);
    this.draw();
  }

  async run() {
    const { desk } = this;
    this.running = true;
    this.failed = null;
    this.draw();
    const body = { standard: desk.standard.key, ...(desk.run?.area ? { area: desk.run.area } : {}), ...this.changes.body() };
    if (desk.limit !== desk.own) body.limit = desk.limit;
    try {
      const result = await this.working.ask("/api/coverage/what-if", body);
      if (!result) return;
      this.result = { ...result, job: this.working.id };
      this.map.answer(this.result);
    } catch (error) {
      this.failed = refusalWords(error);
    }
    this.running = false;
    this.draw();
    this.body.querySelector(".headline, .failed")?.scrollIntoView({ block: "nearest" });
  }

  draw() {
    const { changes } = this;
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    replace(this.body,
      changes.empty
        ? emptyLine(_("还没有改动。选一种改动，在图上点；真的数据不动"))
        : el("ol", { class: "change-list" }, changes.list.map((change) => this.change(change))),
      changes.has("closed") && el("label", { class: "row pad check" },
        el("input", { type: "checkbox", checked: changes.bridges, onchange: (event) => this.made(() => changes.withBridges(event.target.checked)) }),
        _("路上的桥和隧道也断")),
      el("div", { class: "row wrap pad" },
        el("button", { type: "button", class: "btn primary", "data-act": "run", disabled: changes.empty || this.running, onclick: () => this.run() }, _("算这个假设")),
        !changes.empty && el("button", { type: "button", class: "btn", "data-act": "clear", onclick: () => this.clear() }, _("全撤掉"))),
      this.running && this.working.node,
      this.failed && el("p", { class: "failed", role: "alert" }, el("span", {}, _("没算成：{why}", { why: this.failed }))),
      this.result && this.answer(this.result));
    if (focused) (this.body.querySelector(`[data-act="${focused}"]:not(:disabled)`) || this.body.querySelector("button:not(:disabled)"))?.focus();
  }

  change(change) {
    const words = changeWords(change);
    return el("li", {}, el("b", { class: "change-number num", "aria-hidden": "true" }, change.number),
      el("span", { class: "grow" }, words),
      el("button", {
        type: "button", class: "btn", "data-act": `undo-${change.number}`, "aria-label": _("撤掉：{what}", { what: words }),
        onclick: () => this.made(() => this.changes.undo(change.number)),
      }, _("撤掉")));
  }

  clear() {
    this.changes.clear();
    this.changed();
  }

  answer(result) {
    const rows = result.grids.filter((row) => row.lost || row.gained).map((row) => ({ ...row, code: String(row.code) }))
      .sort((one, other) => other.lost - one.lost || other.gained - one.gained);
    const { lost, gained, moved } = result.counts;
    const [marked, all] = [result.households.filter(([, , , kind]) => kind !== "moved").length, lost + gained];
    return el("section", { class: "if-answer", "aria-labelledby": "if-answer-title" },
      el("h3", { class: "sub-title", id: "if-answer-title" }, _("假设的结果，不是真的")),
      headline({ before: result.before, after: result.after, lost, gained }),
      moved > 0 && el("p", { class: "pad s" }, n_("{n} 户换了来的设施", moved, { n: number(moved) })),
      all > marked && el("p", { class: "pad s mut" }, _("图上画了 {n} 户，共 {all} 户变了", { n: number(marked), all: number(all) })),
      changeTable(rows, { heads: [_("原来到不了"), _("假设到不了")], choose: this.choose, chosen: this.chosen, nameOf: this.nameOf }),
      el("p", { class: "pad row wrap" }, el("button", { type: "button", class: "btn primary", "data-act": "keep", onclick: () => this.keep({ job: result.job }) }, _("存为方案"))));
  }

  /** Keep the answer of a finished job under a name. */
  async keep(body, name = "") {
    const kept = await ask({
      title: _("存为方案"), lines: [_("方案记下改动和算出的数，真的数据不动。")],
      fields: [{ name: "name", label: _("方案名"), value: name, required: true, maxlength: 80 }],
      go: _("存"), leave: _("不存"), grave: false, explain: refusalWords,
      run: (values) => post("/api/coverage/options", { name: values.name.trim(), ...body }),
    });
    if (!kept) return;
    toast(_("存好了"));
    this.kept();
  }

  /** Take over the changes of an option. */
  take(option, find) {
    this.changes.load(option.changes, find);
    this.changed();
    this.view.say(n_("{n} 处改动", this.changes.list.length));
  }
}
