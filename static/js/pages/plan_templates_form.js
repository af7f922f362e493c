// The forms of a plan template: another version of it, a new one, or its end.
import { toast } from "./common.js";
import * as fields from "./rules_form.js";
import { post } from "../core/api.js";
import { el, replace } from "../core/dom.js";
import * as response from "../core/response_words.js";
import { _ } from "../core/words.js";

const EMPTY = {
  general: { zh: "", en: "" }, organisation: [{ key: "command", zh: "指挥长", en: "Commander", duty: { zh: "决定响应的启动和结束", en: "" }, held_by: "commander", team: null }],
  reporting: { zh: "", en: "" }, first_response: [], actions: [], aftermath: { zh: "", en: "" }, resources: [], call_tree: [], drills: [], annexes: [],
};
const REST = ["organisation", "resources", "call_tree", "drills", "annexes"];

function input(words, attributes, wide = "stack") {
  const node = el("input", { class: attributes.type === "number" ? "field num" : "field", ...attributes });
  return { input: node, node: el("label", { class: wide }, el("span", {}, words), node), read: () => node.value.trim() };
}

function area(words, value, name, json = false) {
  const node = el("textarea", { class: json ? "field json" : "field", name, rows: json ? 10 : 4, spellcheck: json ? "false" : null });
  node.value = value;
  return { input: node, node: el("label", { class: "stack wide" }, el("span", {}, words), node), read: () => node.value.trim() };
}

function select(words, name, options, chosen) {
  const node = el("select", { class: "select", name }, options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
  return { input: node, node: el("label", { class: "stack" }, el("span", {}, words), node), read: () => node.value };
}

/** A row of the action list; its key stays, that of a new one follows from its place. */
function actionRow(one, roles, drop) {
  const title = input(_("任务"), { name: "action_zh", maxlength: 120, required: true, value: one.zh });
  const role = select(_("谁负责"), "action_role", roles, one.role);
  const tier = select(_("哪一级"), "action_tier", response.TIERS.map((key) => [key, response.tier(key)]), one.tier);
  const minutes = input(_("时限（分钟）"), { name: "action_minutes", type: "number", min: 1, max: 100000, required: true, value: one.minutes });
  const boxes = [1, 2, 3, 4].map((level) => fields.yes(`level_${level}`, ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][level], !one.levels.length || one.levels.includes(level)));
  const approval = fields.yes("approval", _("要另一人认可"), one.approval);
  const node = el("div", { class: "action-row" }, title.node, role.node, tier.node, minutes.node,
    el("button", { type: "button", class: "btn", onclick: () => {
      node.remove();
      drop();
    } }, _("去掉")),
    el("div", { class: "more" }, el("span", { class: "mut s" }, _("哪些响应级别要做")), boxes.map((box) => box.node), approval.node));
  return { node, read: () => {
    const levels = boxes.flatMap((box, at) => (box.read() ? [at + 1] : []));
    return { key: one.key, zh: title.read(), en: title.read() === one.zh ? one.en : "", role: role.read(), tier: tier.read(),
      levels: levels.length === 4 ? [] : levels, minutes: Number(minutes.read()), approval: approval.read() };
  } };
}

function actions(content) {
  const held = new Set();
  const roles = content.organisation.map((one) => [one.key, response.words(one)]);
  const list = el("div", { class: "actions-edit" });
  let made = 0;
  const add = (one) => {
    const row = actionRow(one, roles, () => held.delete(row));
    held.add(row);
    list.append(row.node);
  };
  content.actions.forEach(add);
  const taken = new Set(content.actions.map((one) => one.key));
  const fresh = () => {
    let key;
    do key = `added_${String.fromCharCode(97 + made % 26).repeat(1 + Math.floor(made++ / 26))}`; while (taken.has(key));
    return key;
  };
  return {
    node: el("fieldset", { class: "wide" }, el("legend", {}, _("行动清单")), list,
      el("button", { type: "button", class: "btn", onclick: () => add({ key: fresh(), zh: "", en: "", role: roles[0][0], tier: "village", levels: [], minutes: 30, approval: false }) }, _("加一项任务"))),
    read: () => [...held].map((row) => row.read()),
  };
}

function formOf(title, parts, send, words, done, close) {
  const failed = el("p", { class: "failed-line wide", role: "alert", hidden: true });
  return el("form", { class: "standard-form plan-form panel", "aria-label": title, onsubmit: async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      await send();
      toast(_("存下了新的一版，留了痕"));
      done();
    } catch (error) {
      replace(failed, _("没改成：{why}", { why: error.detail || error.message }));
      failed.hidden = false;
    }
  } }, el("h2", { class: "wide" }, title), parts, failed,
  el("div", { class: "row wide" }, el("button", { class: "btn primary" }, words), el("button", { type: "button", class: "btn", onclick: close }, _("不改"))));
}

const changed = (one, zh) => (zh === one.zh ? one : { zh, en: "" });

/** The form of the version after `last`, or of a new template. */
export function open(last, data, done, close) {
  const one = last || { hazard_kind: "", area_type: "township", name_zh: "", name_en: "", source: "", version: null, area: undefined, content: { ...EMPTY, organisation: data.first?.content.organisation || EMPTY.organisation } };
  const { content } = one;
  const place = fields.place(data.places, last ? one.area : undefined);
  const kind = input(_("灾种代号，如 flood"), { name: "hazard_kind", maxlength: 30, pattern: "[a-z_]{2,30}", required: true, value: one.hazard_kind, readonly: Boolean(last) });
  const type = last ? { node: null, read: () => one.area_type } : select(_("谁的预案"), "area_type", ["township", "village"].map((key) => [key, response.areaType(key)]), one.area_type);
  const zh = input(_("名称（中文）"), { name: "name_zh", maxlength: 80, required: true, value: one.name_zh });
  const en = input(_("名称（英文）"), { name: "name_en", maxlength: 80, required: true, value: one.name_en });
  const day = fields.day("valid_from", _("哪天起"), data.today, true);
  day.node.querySelector("input").min = data.today;
  const general = area(_("总则"), content.general.zh, "general");
  const reporting = area(_("报告与预警"), content.reporting.zh, "reporting");
  const first = area(_("先期处置，一行一条"), content.first_response.map((each) => each.zh).join("\n"), "first_response");
  const aftermath = area(_("后期处置"), content.aftermath.zh, "aftermath");
  const list = actions(content);
  const rest = area(_("组织、叫应顺序、物资、演练、附件（JSON）"), JSON.stringify(Object.fromEntries(REST.map((name) => [name, content[name]])), null, 1), "rest", true);
  const source = input(_("依据，写文件名和条款；没有查到的也写明"), { name: "source", maxlength: 1000, required: true, value: one.source }, "stack wide");
  const body = () => {
    let others;
    try {
      others = JSON.parse(rest.read());
    } catch {
      throw new Error(_("JSON 那一栏写得不对，看看括号和引号"));
    }
    const known = new Map(content.first_response.map((each) => [each.zh, each]));
    return {
      area: place.read(), hazard_kind: kind.read(), area_type: type.read(), name_zh: zh.read(), name_en: en.read(), source: source.read(), valid_from: day.read(),
      content: { ...others, general: changed(content.general, general.read()), reporting: changed(content.reporting, reporting.read()), aftermath: changed(content.aftermath, aftermath.read()),
        first_response: first.read().split("\n").map((text) => text.trim()).filter(Boolean).map((text) => known.get(text) || { zh: text, en: "" }), actions: list.read() },
    };
  };
  const title = last ? _("改“{name}”", { name: one.name }) : _("加一份模板");
  const parts = [place, kind, type, zh, en, day, general, reporting, first, list, aftermath, rest, source].map((part) => part.node);
  return formOf(title, parts, async () => post("/api/plan-templates", body(), { version: one.version }), _("存下"), done, close);
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
