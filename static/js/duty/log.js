// The duty log: what was done in words, free entries, the shift and what it hands over.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { errorLine } from "../core/panels.js";
import { _ } from "../core/words.js";
import { toast } from "../core/toast.js";
import { busy, serverButton } from "./buttons.js";

const SETTLE = 1000;
const INCIDENT = {
  reported: "上报", verified: "核实", assigned: "派单", started: "开始处置", resolved: "处置完",
  closed: "办结", dismissed: "不受理", merged: "合并", objected: "提异议", reopened: "退回重办",
  conflicted: "同编号来了别的内容",
};
const HAZARD = { declared: "宣布险情", lifted: "解除险情" };
const PLAN = {
  drafted: "预案草案算完", approved: "批准预案", activated: "启动预案", closed: "结束预案",
  rejected: "退回预案", superseded: "预案被替代",
};
const GRIDS = { published: "发布网格", drawn: "画好网格" };

const ALARM = { taken: "接警" };
const DUTY = { started: "接班", handed_over: "交班" };
const WORDS = { incident: INCIDENT, hazard: HAZARD, plan: PLAN, grids: GRIDS, alarm: ALARM, duty: DUTY };

/** What one line of the log says, as plain text. */
export function lineWords(line) {
  if (line.kind === "duty.logged") return line.text || "";
  const [subject, verb] = line.kind.split(".");
  const words = WORDS[subject]?.[verb];
  const about = line.number
    ? _("事件 {number}：{what}", { number: line.number, what: line.title || "" }) : line.hazard_name;
  return [line.exercise && _("演练"), words ? _(words) : line.kind, line.assignee, about].filter(Boolean).join(" · ");
}

export class Log {
  constructor(panel, { now, shift }) {
    Object.assign(this, { panel, now, shift, lines: [], next: null });
    this.field = el("textarea", { class: "field", rows: 2, maxlength: 2000, id: "log-text" });
    this.list = el("ol", { class: "history log-list" });
    this.more = el("button", { type: "button", class: "btn quiet", onclick: () => this.older() }, _("看更早的"));
    this.head = el("div", { class: "shift-box" });
  }

  soon() {
    this.timer ||= setTimeout(() => {
      this.timer = null;
      // Nobody reads it: it is fetched when somebody opens it.
      if (!this.loaded || this.panel.section.checkVisibility()) this.load();
    }, this.panel.section.checkVisibility() ? SETTLE : 0);
  }

  async load() {
    try {
      const page = await get("/api/duty/log");
      this.loaded = true;
      const oldest = page.items.at(-1)?.seq ?? 0;
      const kept = this.lines.filter(({ seq }) => seq < oldest);
      this.lines = [...page.items, ...kept];
      if (!kept.length) this.next = page.next;
      this.draw();
    } catch (error) {
      this.panel.fail(error, () => this.load());
    }
  }

  async older() {
    try {
      const page = await get(`/api/duty/log?cursor=${encodeURIComponent(this.next)}`);
      this.lines = [...this.lines, ...page.items];
      this.next = page.next;
      this.draw();
    } catch (error) {
      this.list.after(errorLine(error, () => this.older()));
    }
  }

  async write(pressed) {
    const text = this.field.value.trim();
    if (!text) {
      this.field.focus();
      return;
    }
    await busy(pressed, async () => {
      try {
        await post("/api/duty/log", { text });
        this.field.value = "";
        await this.load();
      } catch (error) {
        toast(_("没记上，字还在：{why}", { why: error.status === 0 ? _("没连上服务器") : error.detail || error.message }));
      }
    });
  }

  draw() {
    const now = this.now();
    if (!this.form) {
      this.form = el("form", { class: "log-form", onsubmit: (event) => event.preventDefault() },
        el("label", { class: "s", for: "log-text" }, _("记一笔")), this.field,
        el("div", { class: "row right-end" },
          el("button", { type: "button", class: "btn quiet", onclick: () => window.print() }, _("打印记录")),
          serverButton(_("记下"), (pressed) => this.write(pressed), { primary: true })));
    }
    replace(this.list, this.lines.map((line) => el("li", {},
      el("span", { class: "num" }, moment(line.at, now)),
      el("span", {}, el("span", { class: line.kind === "duty.logged" ? "note" : "" }, lineWords(line)),
        line.by && el("span", { class: "mut" }, ` · ${line.by}`)))));
    this.more.hidden = !this.next;
    const top = this.panel.body.scrollTop;
    const typing = document.activeElement === this.field;
    this.panel.show(this.head, this.form, this.list, this.more);
    this.panel.body.scrollTop = top;
    if (typing) this.field.focus();
  }
}
