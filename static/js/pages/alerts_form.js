// Issuing a warning for a hazard, or updating one: the eight fields, checked by the server by place.
import { post } from "../core/api.js";
import { marked } from "../core/drill.js";
import { el, replace } from "../core/dom.js";
import { clock, dateOf, instant } from "../core/format.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { toast } from "../core/toast.js";
import { _ } from "../core/words.js";
import { busy, serverButton } from "../duty/buttons.js";
import { levelWords } from "./details.js";

const HOURS = 12;

/** A time for `datetime-local`, in the zone of the site. */
const local = (time) => `${dateOf(time)}T${clock(time).slice(0, 5)}`;

export class AlertForm {
  /** `before` is the warning that is updated; without one a hazard of `hazards` is chosen. */
  constructor(body, { hazards, before = null, now, issuer, done, leave }) {
    Object.assign(this, { body, hazards, before, now, done, leave });
    const [first] = hazards;
    this.hazard = before ? hazards.find(({ id }) => id === before.hazard) : first;
    const blank = { event: terms.hazardKind(this.hazard?.kind), headline: "", description: "", instruction: "", issuer: issuer || "", area_desc: this.hazard?.name || "" };
    const kept = Object.fromEntries(Object.keys(blank).map((name) => [name, before?.[name] || blank[name]]));
    this.values = {
      ...kept, starts_at: local(before ? new Date(before.starts_at) : now()),
      expires_at: local(new Date(now().getTime() + HOURS * 3600000)), reason: "",
    };
    this.draw();
  }

  field(name, words, { long = false, type = "text", most = 200 } = {}) {
    const field = el(long ? "textarea" : "input", {
      class: "field", id: `alert-${name}`, maxlength: type === "text" ? most : null, rows: long ? 3 : null,
      type: long ? null : type, oninput: () => { this.values[name] = field.value; },
    });
    field.value = this.values[name];
    return el("label", { class: "stack" }, el("span", {}, words), field, el("span", { class: "field-problem", "data-of": name, hidden: true }));
  }

  draw() {
    const { hazard, before, hazards } = this;
    if (!hazard) {
      replace(this.body, el("p", { class: "pad" }, _("先在值守地图上宣布险情，再为它发布预警。")), el("a", { class: "btn pad", href: "/map" }, _("去值守地图")));
      return;
    }
    const choose = el("select", { class: "select", id: "alert-hazard", disabled: Boolean(before), onchange: () => {
      this.hazard = hazards.find(({ id }) => String(id) === choose.value);
      this.values.event = terms.hazardKind(this.hazard.kind);
      this.values.area_desc = this.hazard.name;
      this.draw();
      this.body.querySelector("#alert-hazard").focus();
    } }, hazards.map((each) => el("option", { value: each.id, selected: each === hazard }, marked(each.name, each.exercise))));
    this.said = el("p", { class: "said", role: "alert", hidden: true });
    replace(this.body, el("form", { class: "alert-form", onsubmit: (event) => event.preventDefault() },
      hazard.exercise && el("p", { class: "drill-band" }, el("b", {}, _("演练")), el("span", {}, _("消息里每处都写明演练"))),
      el("label", { class: "stack" }, el("span", {}, _("哪处险情")), choose),
      el("p", { class: "s" }, _("类别和级别随险情："), [hazard.class && terms.hazardClass(hazard.class), levelOf(hazard.severity) ? levelWords(hazard.severity) : _("无级")].filter(Boolean).join(" · ")),
      before && this.field("reason", _("为什么更新"), { most: 500 }),
      this.field("headline", _("标题")), this.field("event", _("事件")),
      this.field("starts_at", _("起始时间"), { type: "datetime-local" }), this.field("expires_at", _("有效到"), { type: "datetime-local" }),
      this.field("area_desc", _("影响范围"), { most: 1000 }),
      this.field("description", _("警示事项"), { long: true, most: 4000 }), this.field("instruction", _("措施"), { long: true, most: 4000 }),
      this.field("issuer", _("发布单位")),
      this.said,
      el("div", { class: "row right-end wrap" }, el("button", { type: "button", class: "btn", onclick: () => this.leave() }, _("不发布")),
        serverButton(before ? _("发布更新") : _("发布预警"), (pressed) => this.send(pressed), { primary: true, id: "alert-send" }))));
  }

  content() {
    const { starts_at, expires_at, reason, ...words } = this.values;
    const time = (value) => instant(value)?.toISOString() ?? "";
    return {
      ...words, starts_at: time(starts_at), expires_at: time(expires_at),
      ...(this.before ? { reason } : { hazard: this.hazard.id }),
    };
  }

  async send(pressed) {
    const address = this.before ? `/api/alerts/${encodeURIComponent(this.before.id)}/update` : "/api/alerts";
    await busy(pressed, async () => {
      try {
        const made = await post(address, this.content());
        toast(_("已发布"));
        this.done(made.id);
      } catch (error) {
        this.refused(error);
      }
    });
  }

  refused(error) {
    for (const place of this.body.querySelectorAll("[data-of]")) {
      const at = (error.faults || []).findIndex((each) => each.place === place.dataset.of);
      const fault = at >= 0;
      place.hidden = !fault;
      place.textContent = fault ? error.more.said?.[at] || error.faults[at].message : "";
      const field = this.body.querySelector(`#alert-${place.dataset.of}`);
      field.toggleAttribute("aria-invalid", Boolean(fault));
      if (fault) field.setAttribute("aria-invalid", "true");
    }
    this.said.textContent = error.status === 0 ? _("没连上服务器。写的都在") : error.detail || error.message;
    this.said.hidden = false;
    this.body.querySelector("[aria-invalid=true]")?.focus();
  }
}
