// What a caller says, taken down at the desk: kind, how urgent, where, and their words.
import { post, Problem } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import { roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { KINDS, kindOf } from "../field/kinds.js";
import { severityGlyph } from "../map/symbols.js";
import { busy, serverButton } from "./buttons.js";

const LEVELS = [1, 2, 3, 4];

/** An id of version 4; the browser's own maker of them is not there without HTTPS. */
export function newId(random = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = random(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((found, at) => `${found.slice(0, at)}-${found.slice(at)}`, text);
}

export const blank = () => ({
  id: newId(), kind: "waterlogging", level: 3, title: "", note: "", place: null, placedBy: null, placeWords: "",
});

/** The body of the report, as any tablet sends it. */
export function bodyOf(values) {
  const kind = kindOf(values.kind);
  const note = values.note.trim();
  return {
    id: values.id, category: values.kind, title: values.title.trim() || _(kind.words),
    level: kind.social ? null : values.level,
    geometry: { type: "Point", coordinates: values.place },
    placed_by: values.placedBy, ...(note ? { note } : {}),
  };
}

export class PhoneForm {
  /** `taken(receipt)` hears of a report the server has accepted, `stop()` ends without one. */
  constructor({ taken, stop }) {
    Object.assign(this, { taken, stop, values: blank(), said: null });
  }

  begin(body) {
    this.body = body;
    this.draw();
    this.body.querySelector("#phone-kind").focus();
  }

  placed(place, placedBy, words) {
    Object.assign(this.values, { place, placedBy, placeWords: words });
    this.said = null;
    this.draw();
  }

  levels() {
    const { values } = this;
    if (kindOf(values.kind).social) return el("p", { class: "s mut" }, _("社会安全事件不分级"));
    return el("div", { class: "choices", role: "group", "aria-label": _("级别") }, LEVELS.map((level) => el("button", {
      type: "button", class: values.level === level ? "btn on" : "btn", "data-level": level,
      "aria-pressed": String(values.level === level), onclick: () => {
        values.level = level;
        this.draw();
        this.body.querySelector(`[data-level="${level}"]`).focus();
      },
    }, severityGlyph(level, terms.colourSign(level), 26), `${terms.colourName(level)} ${roman(level)}`)));
  }

  where() {
    const { place, placedBy, placeWords } = this.values;
    if (!place) return el("p", { class: "mut" }, _("点地图上的地方，或在图上搜地址"));
    const at = el("span", { class: "mut num s" }, `${place[0].toFixed(5)}, ${place[1].toFixed(5)}`);
    return el("p", {}, el("b", {}, placedBy === "address" ? placeWords : _("图上点的地方")), " ", at,
      el("span", { class: "mut s" }, " · ", _("再点就换")));
  }

  draw() {
    const { values, body } = this;
    const kind = el("select", { class: "select", id: "phone-kind", onchange: () => {
      values.kind = kind.value;
      values.level = kindOf(kind.value).level ?? 3;
      this.draw();
      body.querySelector("#phone-kind").focus();
    } }, KINDS.map(({ key, words }) => el("option", { value: key, selected: values.kind === key }, _(words))));
    const title = el("input", { class: "field", id: "phone-title", maxlength: 200, value: values.title,
      placeholder: _(kindOf(values.kind).words), oninput: () => { values.title = title.value; } });
    const note = el("textarea", { class: "field", id: "phone-note", rows: 3, maxlength: 2000,
      oninput: () => { values.note = note.value; } });
    note.value = values.note;
    const send = serverButton(_("记下这件"), (pressed) => busy(pressed, () => this.send()), { primary: true, type: "submit" });
    const focused = document.activeElement?.id;
    replace(body, el("form", { class: "stack-form", onsubmit: (event) => event.preventDefault() },
      el("h3", {}, _("接报：电话、来人说的事")),
      el("label", { class: "stack-field" }, el("b", { class: "s" }, _("什么事")), kind),
      el("div", { class: "stack-field" }, el("b", { class: "s" }, _("级别")), this.levels()),
      el("div", { class: "stack-field", id: "phone-place", role: "status" }, el("b", { class: "s" }, _("在哪里")), this.where()),
      el("label", { class: "stack-field" }, el("b", { class: "s" }, _("一句话说清")), title),
      el("label", { class: "stack-field" }, el("b", { class: "s" }, _("说明（可不写）")), note,
        el("span", { class: "mut s" }, _("看图的人都看得到：不写来电人的姓名和电话"))),
      this.said && el("p", { class: "said", role: "alert" }, this.said),
      el("div", { class: "row right-end" },
        el("button", { type: "button", class: "btn", onclick: () => this.stop() }, _("不记了")), send)));
    if (focused?.startsWith("phone-")) body.querySelector(`#${focused}`)?.focus();
  }

  /** Send it; the same id until the server has answered for it, so that it is never there twice. */
  async send() {
    const { values } = this;
    if (!values.place) {
      this.say(_("还没有位置。点地图上的地方，或在图上搜地址"));
      return;
    }
    try {
      const receipt = await post("/api/incidents", bodyOf(values));
      if (receipt.id !== values.id) throw new Problem(0, "not ours");
      this.values = blank();
      this.said = null;
      this.taken(receipt);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.say(this.why(error));
    }
  }

  why(error) {
    if (error.status === 409) {
      return _("这件上次已经收下，编号 {number}。改动另存了一份，在那件里看", { number: error.more?.number ?? "–" });
    }
    if (error.status === 0 || error.status >= 500) return _("没连上服务器。写的还在，点“记下这件”再发");
    return _("没收下：{why}。写的还在", { why: error.detail || error.message });
  }

  say(words) {
    this.said = words;
    this.draw();
  }
}
