// Who is on duty, and what one shift tells the next: drafted from what is open, in one's own words.
import { get, post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { clock, moment } from "../core/format.js";
import { inOrder } from "./due.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { toast } from "../core/toast.js";
import { busy, serverButton } from "./buttons.js";

const HOURS = [8, 12, 24];

/** What the next shift has to know, drafted from what is open now. */
export function handoverDraft({ incidents, hazards, unheard }, now) {
  const lines = [n_("未结事件 {n} 件", incidents.length)];
  for (const { properties: p } of inOrder(incidents, now)) {
    const parts = [`${p.number} ${p.title}`, terms.colourName(p.level), terms.incidentState(p.state), p.assignee?.name];
    if (unheard.has(String(p.id))) parts.push(_("未接警"));
    lines.push(`- ${parts.filter(Boolean).join(_("，"))}`);
  }
  lines.push(n_("险情 {n} 处", hazards.length));
  for (const { properties: p } of hazards) {
    const parts = [p.exercise && _("演练"), p.name, p.plan_state ? _("预案{state}", { state: terms.planState(p.plan_state) }) : _("还没有预案")];
    lines.push(`- ${parts.filter(Boolean).join(_("，"))}`);
  }
  return lines.join("\n");
}

const label = (words, field) => el("label", { class: "stack-field" }, el("span", { class: "s" }, words), field);

export class Shift extends EventTarget {
  /** `line` is in the head of the page, `box` in the log; `gather()` gives what is open. */
  constructor({ line, box, now, gather }) {
    super();
    Object.assign(this, { line, box, now, gather, shift: null, last: null, form: null });
  }

  get key() {
    return this.shift ? String(this.shift.id) : "none";
  }

  async load() {
    try {
      this.take(await get("/api/duty/shift"));
    } catch {
      // Shown again when the connection is back.
    }
  }

  take(answer) {
    const changed = answer.shift?.id !== this.shift?.id;
    Object.assign(this, answer);
    if (changed) this.form = null;
    this.draw();
    if (changed) this.dispatchEvent(new Event("change"));
  }

  words() {
    const { shift } = this;
    if (!shift) return "";
    return [
      _("值班长 {name}", { name: shift.leader }),
      shift.officers.length ? _("值班员 {names}", { names: terms.listed(shift.officers) }) : "",
      `${clock(shift.starts_at).slice(0, 5)}–${clock(shift.ends_at).slice(0, 5)}`,
    ].filter(Boolean).join("  ");
  }

  draw() {
    this.line.textContent = this.words();
    this.line.hidden = !this.shift;
    if (this.form) return; // Somebody is typing.
    const { shift, last } = this;
    replace(this.box,
      el("p", { class: "s" }, shift ? this.words() : _("没有人接班")),
      last?.handover && el("details", { class: "handed" },
        el("summary", { class: "btn quiet" }, _("上一班交代 {time}", { time: moment(last.handed_over_at, this.now()) })),
        el("p", { class: "note" }, last.handover)),
      shift
        ? serverButton(_("交班"), () => this.handOver(), {})
        : serverButton(_("接班"), () => this.begin(), { primary: true }));
  }

  open(form) {
    this.form = form;
    replace(this.box, form);
    form.querySelector("input, textarea").focus();
  }

  close() {
    this.form = null;
    this.draw();
  }

  begin() {
    const leader = el("input", { class: "field", maxlength: 80, required: true });
    const officers = el("input", { class: "field", maxlength: 400, placeholder: _("用顿号隔开") });
    const hours = el("select", { class: "select" }, HOURS.map((n) =>
      el("option", { value: n, selected: n === 12 }, n_("{n} 小时", n))));
    this.open(el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
      label(_("值班长"), leader), label(_("值班员"), officers), label(_("当班"), hours),
      el("div", { class: "row right-end" },
        el("button", { type: "button", class: "btn", onclick: () => this.close() }, _("不接班")),
        serverButton(_("接班"), (pressed) => this.send(pressed, "/api/duty/shift", {
          leader: leader.value.trim(),
          officers: officers.value.split(/[、,，;；]/).map((name) => name.trim()).filter(Boolean),
          ends_at: new Date(this.now().getTime() + Number(hours.value) * 3600000).toISOString(),
        }), { primary: true }))));
  }

  handOver() {
    const text = el("textarea", { class: "field", rows: 8, maxlength: 8000 });
    text.value = handoverDraft(this.gather(), this.now());
    this.open(el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
      label(_("交代给下一班（已按未结的起草，可改）"), text),
      el("div", { class: "row right-end" },
        el("button", { type: "button", class: "btn", onclick: () => this.close() }, _("不交班")),
        serverButton(_("交班"), (pressed) => this.send(pressed, "/api/duty/shift/handover",
          { text: text.value.trim() }), { primary: true }))));
  }

  async send(pressed, address, content) {
    await busy(pressed, async () => {
      try {
        const answer = await post(address, content);
        this.form = null;
        this.take(answer);
      } catch (error) {
        toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
      }
    });
  }
}
