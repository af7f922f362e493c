// Declaring a hazard: who and what the drawn area touches, counted while it is drawn, and its words.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { may } from "../core/page.js";
import { levelOf, roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { figures } from "../pages/plan_panel.js";
import { busy, serverButton } from "./buttons.js";
import { ask } from "./dialog.js";
import { DraftOptions } from "./draft_options.js";
import { Affected } from "./hazard_affected.js";
import { kindOptions, levelButtons, withoutLevel } from "./hazard_levels.js";
import { draftPlan } from "./hazard_panel.js";
import { sourceBox } from "./hazard_source.js";

const SETTLE = 200; // Milliseconds without a step before the server is asked.
const HOURS = [2, 6, 12, 24, 48];
const MOST_GRIDS = 6;

const label = (words, field) => el("label", { class: "stack-field" }, el("span", { class: "s" }, words), field);

/** 95,000 m² under a square kilometre, then km² with two digits. */
export function area(squareMetres) {
  return squareMetres < 995000
    ? _("{n} 平方米", { n: number(squareMetres) })
    : _("{n} 平方公里", { n: (squareMetres / 1e6).toFixed(2) });
}

export class HazardForm {
  /** `declared(id)` hears of a stored hazard, `stop()` gives the drawing up. */
  constructor({ declared, stop, drill, now, view = null }) {
    Object.assign(this, { declared, stop, drill, now, view, geometry: null, blocked: null, seen: null, asked: 0 });
    this.values = { kind: "flood", name: "", severity: "orange", exercise: false, hours: "", note: "" };
    this.preview = el("div", { class: "preview", role: "status" });
    this.affected = new Affected();
    this.said = el("p", { class: "said", role: "alert", hidden: true });
  }

  /** `known` fills it in: what a warning or a sensor has told; a person still declares. */
  begin(body, known = {}) {
    this.body = body;
    this.source = known.source || null;
    Object.assign(this.values, { name: "", note: "", exercise: false }, known.values);
    this.drill(this.values.exercise);
    Object.assign(this, { geometry: null, blocked: null, seen: null });
    this.draw();
  }

  /** A step of the drawing: counts are asked for once the hand rests. */
  changed(geometry) {
    this.geometry = geometry;
    clearTimeout(this.timer);
    this.asked += 1;
    if (!geometry) {
      this.seen = null;
      this.drawPreview();
      return;
    }
    this.preview.classList.add("waiting");
    this.timer = setTimeout(() => this.count(), SETTLE);
  }

  /** What nobody can pass is told with the hazard; whom it touches is the same. */
  blockedChanged(geometry) {
    this.blocked = geometry;
    this.drawPreview();
  }

  async count() {
    const number_ = ++this.asked;
    const started = performance.now();
    try {
      const seen = await post("/api/hazards/preview", { geometry: this.geometry });
      if (number_ !== this.asked) return;
      this.seen = seen;
      this.wrong = null;
      this.preview.dataset.ms = String(Math.round(performance.now() - started));
    } catch (error) {
      if (number_ !== this.asked) return;
      this.seen = null;
      this.wrong = error.status === 0 ? _("没连上服务器。形状还在") : error.detail || error.message;
    }
    this.drawPreview();
  }

  drawPreview() {
    const { seen, preview } = this;
    preview.classList.remove("waiting");
    if (this.declare) this.declare.disabled = !seen;
    if (!seen) {
      this.affected.clear();
      replace(preview, el("p", { class: this.wrong ? "said" : "mut" }, this.wrong || _("画出范围，这里数出有多少户")));
      return;
    }
    preview.dataset.households = String(seen.households);
    preview.dataset.people = String(seen.people);
    replace(preview,
      figures([
        [_("户"), number(seen.households)], [_("人"), number(seen.people)],
        ...(seen.with_needs === null ? [] : [[_("要帮助的户"), number(seen.with_needs)]]), [_("设施（处）"), number(seen.facilities)],
      ]),
      el("p", { class: "pad s mut" }, area(seen.area_m2),
        seen.grids.length > 0 && ` · ${n_("{n} 个网格", seen.grids.length)}${_("：")}`,
        seen.grids.slice(0, MOST_GRIDS).map((grid, i) => [i > 0 && _("，"),
          el("span", { class: "num" }, `${grid.label} ${n_("{n} 户", grid.households, { n: number(grid.households) })}`)]),
        seen.grids.length > MOST_GRIDS && _("，等")),
      this.blocked && el("p", { class: "pad s" }, n_("其中画了 {n} 处不能通行，路线绕开", this.blocked.coordinates.length)));
    this.affected.show(seen);
  }

  draw() {
    const { values } = this;
    const kind = el("select", { class: "select", id: "hazard-kind", onchange: () => {
      values.kind = kind.value;
      this.draw();
      this.body.querySelector("#hazard-kind").focus();
    } }, kindOptions(values.kind));
    const name = el("input", { class: "field", id: "hazard-name", maxlength: 200, value: values.name,
      placeholder: _("人们怎么叫这片地方"), oninput: () => { values.name = name.value; } });
    const hours = el("select", { class: "select", onchange: () => { values.hours = hours.value; } },
      el("option", { value: "" }, _("解除为止")), HOURS.map((n) =>
        el("option", { value: n, selected: values.hours === String(n) }, n_("{n} 小时", n))));
    const note = el("textarea", { class: "field", rows: 2, maxlength: 2000, oninput: () => { values.note = note.value; } });
    note.value = values.note;
    const drill = el("button", { type: "button", class: values.exercise ? "btn switch on" : "btn switch", role: "switch",
      id: "hazard-exercise", "aria-checked": String(values.exercise), onclick: () => {
        values.exercise = !values.exercise;
        this.drill(values.exercise);
        this.draw();
        this.body.querySelector("#hazard-exercise").focus();
      } }, _("演练"), el("i", { "aria-hidden": "true" }));
    this.declare = serverButton(values.exercise ? _("宣布演练") : _("宣布这处险情"), (pressed) => this.send(pressed), { primary: true, id: "hazard-declare" });
    this.declare.disabled ||= !this.seen;
    replace(this.body,
      el("div", { class: "details-title" }, el("h3", {}, _("新险情"))),
      this.source ? sourceBox(this.source, () => this.stop()) : el("div", { class: "pad row" }, drill),
      values.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("不是真的，消息都标演练"))),
      this.preview, this.affected.box,
      el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
        label(_("种类"), kind), label(_("名称"), name),
        el("div", { class: "stack-field" }, el("span", { class: "s" }, _("级别")), levelButtons(values.kind, values.severity, (chosen) => {
          values.severity = chosen;
          this.draw();
          this.body.querySelector(`[data-severity=${chosen}]`).focus();
        })),
        label(_("到什么时候"), hours), label(_("说明（可不写）"), note),
        this.said,
        el("div", { class: "row right-end wrap" },
          el("button", { type: "button", class: "btn", onclick: () => this.stop() }, _("不画了")), this.declare)));
    this.drawPreview();
  }

  content() {
    const { values } = this;
    const hours = Number(values.hours);
    return {
      kind: values.kind,
      name: values.name.trim(),
      severity: withoutLevel(values.kind) ? null : values.severity,
      geometry: this.geometry,
      ...(this.blocked && { blocked: this.blocked }),
      exercise: values.exercise,
      ends_at: hours ? new Date(this.now().getTime() + hours * 3600000).toISOString() : null,
      note: values.note.trim() || null,
    };
  }

  /** What a sensor proposes is an exercise or not by the sensor, and is not asked for. */
  body_(content) {
    if (!this.source) return content;
    return Object.fromEntries(Object.entries(content).filter(([name]) => name !== "exercise"));
  }

  async send(pressed) {
    const content = this.content();
    const { seen } = this;
    if (!content.name) {
      this.say(_("写上名称再宣布"));
      this.body.querySelector("#hazard-name").focus();
      return;
    }
    const level = levelOf(content.severity);
    const sure = await ask({
      title: content.exercise ? _("演练：宣布 {name}", { name: content.name }) : _("宣布 {name}", { name: content.name }),
      lines: [
        level ? _("{kind} {colour}色 {roman}级", { kind: terms.hazardKind(content.kind), colour: terms.colourName(level), roman: roman(level) })
          : terms.hazardKind(content.kind),
        seen.with_needs === null ? _("范围里有 {h} 户 {p} 人。", { h: number(seen.households), p: number(seen.people) })
          : _("范围里有 {h} 户 {p} 人，其中 {n} 户要帮助。", { h: number(seen.households), p: number(seen.people), n: number(seen.with_needs) }),
        content.exercise ? _("所有值守地图都会显示“演练”，发出的消息开头都标着。") : _("所有值守地图立刻显示，红色和橙色会响铃。安置点若在范围里就不再用。"),
        _("宣布后留在记录里，只能解除，不能删掉。"),
      ],
      go: _("现在宣布"), stay: _("不宣布"),
    });
    if (!sure) return;
    await busy(pressed, async () => {
      try {
        const { id } = await post(this.source?.address || "/api/hazards", this.body_(content));
        this.stored(id, content);
      } catch (error) {
        this.say(error.status === 0 ? _("没连上服务器。画的和写的都在") : error.detail || error.message);
      }
    });
  }

  say(words) {
    this.said.textContent = words;
    this.said.hidden = !words;
  }

  /** Declared: the next step is offered where the form was. */
  stored(id, content) {
    const box = el("div", { class: "pad", hidden: true });
    const options = may("plan.draft") ? new DraftOptions(this.view) : null;
    const drafted = () => [options?.node, this.body.querySelector(".choices")]
      .forEach((node) => node?.toggleAttribute("hidden", Boolean(box.querySelector("a"))));
    replace(this.body,
      el("div", { class: "details-title" }, el("h3", {}, content.name)),
      content.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练"))),
      el("p", { class: "pad" }, _("已宣布。下一步是起草转移方案。")),
      el("div", { class: "choices pad" }, serverButton(_("起草转移方案"), (pressed) => busy(pressed, () => draftPlan(id, box, drafted, { options: options?.read() })), { primary: true })),
      options?.node, box);
    this.geometry = null;
    this.declared(id);
    this.body.querySelector("button")?.focus();
  }
}
