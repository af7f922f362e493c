// The forms of a plan template: another version of it, a new one, or its end.
import { toast } from "./common.js";
import { fromLesson, sections } from "./plan_templates_parts.js";
import { area, line } from "./plan_templates_rows.js";
import * as fields from "./rules_form.js";
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import * as response from "../core/response_words.js";
import { _ } from "../core/words.js";

const EMPTY = {
  general: { zh: "", en: "" }, organisation: [{ key: "command", zh: "指挥长", en: "Commander", duty: { zh: "决定响应的启动和结束", en: "" }, held_by: "commander", team: null }],
  reporting: { zh: "", en: "" }, first_response: [], actions: [], aftermath: { zh: "", en: "" }, resources: [], call_tree: [], drills: [], annexes: [],
};
/** Sections a lesson can go into as a row of its own. */
const LEARNING = ["first_response", "actions", "resources", "drills", "annexes"];

/** A whole section that is one text, in two languages. */
function prose(name, words, one) {
  const zh = area("zh", _("内容"), one.zh, { rows: 3, name });
  const en = area("en", _("英文（可空）"), one.en, { rows: 2, needed: false, name: `${name}_en` });
  return {
    node: el("fieldset", { class: "wide edit-section", id: `section-${name}` }, el("legend", {}, words), zh.node, en.node),
    read: () => ({ zh: zh.read(), en: en.read() }),
    clear: () => [zh, en].forEach((each) => each.refuse(null)),
    refuse: (place, said) => {
      const found = place === "en" ? en : zh;
      found.refuse(said);
      return found.input;
    },
  };
}

function formOf(title, parts, send, words, done, close, failedAt = () => null) {
  const failed = el("p", { class: "failed-line wide", role: "alert", hidden: true });
  const act = el("button", { class: "btn primary" }, words);
  return el("form", { class: "standard-form plan-form panel", "aria-label": title, onsubmit: async (event) => {
    event.preventDefault();
    failed.hidden = true;
    act.disabled = true;
    try {
      await send();
      toast(_("存下了新的一版，留了痕"));
      await done();
    } catch (error) {
      const first = failedAt((error.faults || []).map((each, at) => ({ place: each.place, message: error.more?.said?.[at] || each.message })));
      replace(failed, first ? _("没存上，有地方要改，标在那一行") : _("没改成：{why}", { why: error.detail || error.message }));
      failed.hidden = false;
      first?.scrollIntoView({ block: "center" });
      first?.focus({ preventScroll: true });
    } finally {
      act.disabled = false;
    }
  } }, el("h2", { class: "wide" }, title), parts, failed,
  el("div", { class: "row wide form-foot" }, act, el("button", { type: "button", class: "btn", onclick: close }, _("不改"))));
}

/** Choices left open, as the server would name them. */
function missing(held) {
  return Object.entries(held).flatMap(([name, rows]) => rows.held.flatMap((row, index) => row.fields.flatMap((part) => {
    const message = part.missing?.();
    return message ? [{ place: `content.${name}.${index}.${part.at}`, message }] : [];
  })));
}

/** What the lesson says, and where in the plan it is to go: a press puts it there as a row. */
function lessonBar(lesson, held) {
  const words = { first_response: _("先期处置"), actions: _("行动清单"), resources: _("物资"), drills: _("演练"), annexes: _("附件") };
  return el("div", { class: "wide lesson-bar" }, el("p", {}, el("b", {}, _("教训：{text}", { text: lesson.text })), " ", el("a", { href: `/responses/${lesson.response}/after` }, lesson.matter)),
    el("div", { class: "row" }, el("span", { class: "mut" }, _("写进哪一节：")), LEARNING.map((name) => el("button", { type: "button", class: "btn", onclick: () => {
      const one = fromLesson(name, lesson.text);
      if (name === "actions") Object.assign(one, { key: `lesson_${[...String(lesson.id)].map((digit) => "abcdefghij"[digit]).join("")}`, role: held.organisation.held[0]?.role()[0] });
      held[name].begin(one);
    } }, words[name]))));
}

/** The heads of the form: whose plan, of what, from when. */
function heads(one, last, data) {
  const found = {
    area: fields.place(data.places, last ? one.area : undefined),
    hazard_kind: line("hazard_kind", _("灾种代号，如 flood"), one.hazard_kind, { most: 30 }),
    area_type: last ? { node: null, read: () => one.area_type } : fields.known("area_type", _("谁的预案"), ["township", "village"].map((key) => ({ name: key, label: response.areaType(key) }))),
    name_zh: line("name_zh", _("名称（中文）"), one.name_zh, { most: 80 }),
    name_en: line("name_en", _("名称（英文）"), one.name_en, { most: 80 }),
    valid_from: fields.day("valid_from", _("哪天起"), data.today, true),
  };
  found.hazard_kind.input.pattern = "[a-z_]{2,30}";
  found.hazard_kind.input.readOnly = Boolean(last);
  found.valid_from.node.querySelector("input").min = data.today;
  return found;
}

/** The form of the version after `last`, or of a new template; `lesson` is what it is to come of. */
export function open(last, data, done, close, lesson = null) {
  const one = last || { hazard_kind: "", name_zh: "", name_en: "", source: "", version: null,
    content: { ...EMPTY, organisation: data.first?.content.organisation || EMPTY.organisation } };
  const { content } = one;
  const head = heads(one, last, data);
  const held = sections(content);
  const texts = { general: prose("general", _("总则"), content.general), reporting: prose("reporting", _("报告与预警"), content.reporting), aftermath: prose("aftermath", _("后期处置"), content.aftermath) };
  const source = line("source", _("依据，写文件名和条款；没有查到的也写明"), one.source, { most: 1000, wide: true });
  const inside = { ...held, ...texts };
  const order = ["general", "organisation", "reporting", "first_response", "actions", "call_tree", "resources", "drills", "aftermath", "annexes"];
  const tell = (part, said) => part.refuse(said) ?? part.input;
  const refuseAt = ({ place, message }) => {
    const [, name, rest = ""] = place.match(/^content\.([a-z_]+)(?:\.(.*))?$/) || [];
    if (name) return inside[name]?.refuse(rest, message);
    const part = place === "source" ? source : head[place];
    return part?.refuse && tell(part, message);
  };
  const refuse = (faults) => {
    Object.values(inside).forEach((each) => each.clear());
    return faults.map(refuseAt).find(Boolean) || null;
  };
  const body = () => {
    const found = Object.fromEntries(Object.entries(head).map(([name, part]) => [name, part.read()]));
    return { ...found, source: source.read(), content: Object.fromEntries(order.map((name) => [name, inside[name].read()])), ...(lesson ? { lesson: lesson.id } : {}) };
  };
  const send = async () => {
    const faults = missing(held);
    if (faults.length) throw Object.assign(new Error(""), { faults });
    await post("/api/plan-templates", body(), { version: one.version });
  };
  const parts = [lesson && lessonBar(lesson, held), Object.values(head).map((part) => part.node), order.map((name) => inside[name].node), source.node];
  return formOf(last ? _("改“{name}”", { name: one.name }) : _("加一份模板"), parts, send, _("存下"), done, close, refuse);
}

/** The form that lets a template end on a day. */
export function retire(last, data, done, close) {
  const day = fields.day("valid_from", _("哪天起停用"), data.today, true);
  day.node.querySelector("input").min = data.today;
  return formOf(_("停用“{name}”", { name: last.name }),
    [el("p", { class: "wide" }, _("从那天起新的响应不再用它；用过的都留着。上级区域有同样的模板，就用上级的。")), day.node],
    () => post(`/api/plan-templates/${last.key}/retire`, { area: last.area, valid_from: day.read() }, { version: last.version }),
    _("停用"), done, close);
}
