// Adjusting a declared hazard: its shape, level, time and note, with the reason.
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _, n_ } from "../core/words.js";
import { busy, serverButton } from "./buttons.js";
import { levelButtons } from "./hazard_levels.js";

const SETTLE = 200; // Milliseconds without a step before the server is asked.
const HOURS = [2, 6, 12, 24, 48];

export class HazardAdjust {
  /** `edit(geometry)` puts the old shape under the hand, `redraw(blocked)` begins another one with the ground
   * nobody can pass; undefined keeps what is drawn. */
  constructor({ now, edit, block, redraw, stop, done, drill }) {
    Object.assign(this, { now, edit, block, redraw, stop, done, drill, asked: 0 });
    this.preview = el("p", { class: "pad s", role: "status" });
    this.said = el("p", { class: "said", role: "alert", hidden: true });
  }

  begin(body, feature) {
    const { properties: p } = feature;
    Object.assign(this, { body, feature, geometry: null, blocked: undefined, shaping: false });
    this.values = { severity: p.severity, hours: "", note: p.note || "", reason: "" };
    this.drill(Boolean(p.exercise));
    this.say("");
    replace(this.preview);
    this.draw();
    this.body.querySelector("#adjust-reason").focus();
  }

  changed(geometry) {
    this.geometry = geometry;
    clearTimeout(this.timer);
    this.asked += 1;
    if (geometry) this.timer = setTimeout(() => this.count(), SETTLE);
    else replace(this.preview);
  }

  async count() {
    const asked = ++this.asked;
    const { properties: p } = this.feature;
    const seen = await post("/api/hazards/preview", { geometry: this.geometry }).catch((error) => error);
    if (asked !== this.asked) return;
    const wrong = seen instanceof Error;
    this.preview.dataset.households = wrong ? "" : String(seen.households);
    replace(this.preview, wrong ? seen.detail || seen.message
      : _("原来 {before} 户 {bp} 人，改后 {after} 户 {ap} 人", {
        before: number(p.households_affected), bp: number(p.people_affected),
        after: number(seen.households), ap: number(seen.people),
      }));
  }

  /** What nobody can pass, drawn anew: null takes all of it away. */
  blockedChanged(geometry) {
    this.blocked = geometry;
  }

  shape(begin) {
    this.shaping = true;
    begin();
    this.draw();
  }

  /** Another outline: the ground nobody can pass stays, what is stored or what has been drawn. */
  again() {
    const { blocked } = this.feature.properties;
    const drawing = this.shaping;
    this.shape(() => this.redraw(drawing ? undefined : blocked));
  }

  /** The drawing was given up: the shape stays what it is. */
  unshaped() {
    Object.assign(this, { geometry: null, blocked: undefined, shaping: false });
    this.asked += 1;
    replace(this.preview);
    this.draw();
  }

  draw() {
    const { values, feature: { properties: p, geometry } } = this;
    const rings = geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : geometry.coordinates;
    const reason = el("input", { class: "field", id: "adjust-reason", maxlength: 500, value: values.reason, required: true,
      oninput: () => { values.reason = reason.value; } });
    const hours = el("select", { class: "select", id: "adjust-hours", onchange: () => { values.hours = hours.value; } },
      el("option", { value: "" }, _("不改")), el("option", { value: "none", selected: values.hours === "none" }, _("解除为止")),
      HOURS.map((n) => el("option", { value: n, selected: values.hours === String(n) }, n_("从现在起 {n} 小时", n))));
    const note = el("textarea", { class: "field", rows: 2, maxlength: 2000, oninput: () => { values.note = note.value; } });
    note.value = values.note;
    const label = (words, field) => el("label", { class: "stack-field" }, el("span", { class: "s" }, words), field);
    replace(this.body,
      el("div", { class: "details-title" }, el("h3", {}, _("调整 {name}", { name: p.name || terms.hazardKind(p.kind) }))),
      p.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("不是真的，消息都标演练"))),
      el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
        label(_("为什么调整"), reason),
        el("div", { class: "stack-field" }, el("span", { class: "s" }, _("级别")),
          levelButtons(p.kind, values.severity, (name) => {
            values.severity = name;
            this.draw();
            this.body.querySelector(`[data-severity=${name}]`).focus();
          })),
        el("div", { class: "stack-field" }, el("span", { class: "s" }, _("范围")),
          el("div", { class: "choices" },
            rings.length === 1 && !this.shaping && el("button", { type: "button", class: "btn", id: "adjust-edit",
              onclick: () => this.shape(() => this.edit(rings[0], p.blocked)) }, _("改形状")),
            !this.shaping && el("button", { type: "button", class: "btn", id: "adjust-blocked",
              onclick: () => this.shape(() => this.block(p.blocked)) }, _("不能通行的地方")),
            el("button", { type: "button", class: "btn", id: "adjust-redraw", onclick: () => this.again() }, _("重画范围"))),
          this.preview),
        label(_("到什么时候"), hours), label(_("说明（可不写）"), note),
        this.said,
        el("div", { class: "row right-end wrap" },
          el("button", { type: "button", class: "btn", onclick: () => this.stop() }, _("不调整了")),
          serverButton(_("存下调整"), (pressed) => this.send(pressed), { primary: true, id: "adjust-send" }))));
  }

  content() {
    const { values, feature: { properties: p } } = this;
    const later = () => new Date(this.now().getTime() + Number(values.hours) * 3600000).toISOString();
    return {
      revision: p.revision,
      reason: values.reason.trim(),
      ...(values.severity !== p.severity && { severity: values.severity }),
      ...(values.note.trim() !== (p.note || "") && { note: values.note.trim() || null }),
      ...(values.hours && { ends_at: values.hours === "none" ? null : later() }),
      ...(this.geometry && { geometry: this.geometry }),
      ...(this.blocked !== undefined && { blocked: this.blocked }),
    };
  }

  async send(pressed) {
    const content = this.content();
    if (!content.reason) {
      this.say(_("写上为什么调整"));
      this.body.querySelector("#adjust-reason").focus();
      return;
    }
    await busy(pressed, async () => {
      try {
        await post(`/api/hazards/${encodeURIComponent(this.feature.properties.id)}/adjust`, content);
        toast(_("已调整。改之前的都留着"));
        this.done(this.feature.properties.id);
      } catch (error) {
        this.say(error.status === 0 ? _("没连上服务器。画的和写的都在") : error.detail || error.message);
      }
    });
  }

  say(words) {
    this.said.textContent = words;
    this.said.hidden = !words;
  }
}
