// What a plan template says, section by section, and what one version says otherwise than another.
import { TEAMS } from "./plan_templates_parts.js";
import { el } from "../core/dom.js";
import * as response from "../core/response_words.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const { words } = response;
const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];
const roleOf = (content) => new Map(content.organisation.map((one) => [one.key, words(one)]));
const levelWords = (found) => (found.length ? found.map((one) => ROMAN[one]).join(" ") : _("各级"));

function actionTable(content) {
  const roles = roleOf(content);
  const heads = [[_("任务")], [_("谁负责")], [_("哪一级")], [_("响应级别")], [_("时限"), "n"], [_("认可")]];
  const row = (one) => el("tr", {}, el("th", { scope: "row" }, words(one)), el("td", {}, roles.get(one.role)),
    el("td", {}, response.tier(one.tier)), el("td", {}, levelWords(one.levels)), el("td", { class: "n num nw" }, response.minutes(one.minutes)),
    el("td", {}, one.approval ? _("要另一人认可") : "–"));
  return el("div", { class: "plan-actions", tabindex: 0, role: "region", "aria-label": _("行动清单") }, el("table", { class: "list" },
    el("caption", { class: "sr" }, _("行动清单")),
    el("thead", {}, el("tr", {}, heads.map(([head, name]) => el("th", { scope: "col", class: name || "" }, head)))),
    el("tbody", {}, content.actions.map(row))));
}

/** The call tree: each who is called, and under it who is called when nobody answers. */
function callTree(content) {
  const roles = roleOf(content);
  return el("ol", { class: "call-tree" }, content.call_tree.map((one) => el("li", {}, el("b", {}, roles.get(one.role)),
    one.fallback && el("ul", {}, el("li", {}, el("span", { class: "mut" }, _("没人应就找")), " ", el("b", {}, roles.get(one.fallback)))))));
}

function organisation(content) {
  return el("ul", {}, content.organisation.map((one) => el("li", {}, el("b", {}, words(one)), _("："), words(one.duty),
    (one.held_by || one.team) && el("span", { class: "mut s" }, " ", [one.held_by && terms.role(one.held_by), one.team && _(TEAMS[one.team])].filter(Boolean).join(" · ")))));
}

export function sections(content) {
  const part = (head, ...body) => el("section", {}, el("h3", {}, head), body);
  const list = (tag, items, said) => el(tag, {}, items.map((one) => el("li", {}, said(one))));
  return el("div", { class: "plan-sections" },
    part(_("总则"), el("p", {}, words(content.general))),
    part(_("组织和职责"), organisation(content)),
    part(_("报告与预警"), el("p", {}, words(content.reporting))),
    part(_("先期处置"), list("ol", content.first_response, words)),
    part(_("行动清单"), actionTable(content)),
    part(_("叫应顺序"), callTree(content)),
    part(_("物资"), list("ul", content.resources, (one) => [words(one), one.amount, one.place].filter(Boolean).join(" · "))),
    part(_("演练"), list("ul", content.drills, (one) => _("{what}，每 {n} 个月一次", { what: words(one), n: one.months }))),
    part(_("后期处置"), el("p", {}, words(content.aftermath))),
    part(_("附件"), list("ul", content.annexes, (one) => [el("b", {}, words(one)), _("："), words(one.text)])));
}

const SECTIONS = {
  general: "总则", organisation: "组织和职责", reporting: "报告与预警", first_response: "先期处置", actions: "行动清单", call_tree: "叫应顺序", resources: "物资",
  drills: "演练", aftermath: "后期处置", annexes: "附件", name_zh: "名称（中文）", name_en: "名称（英文）", source: "依据",
};
const FIELDS = {
  minutes: "时限（分钟）", role: "谁负责", tier: "哪一级", levels: "响应级别", approval: "要另一人认可", duty: "职责", held_by: "哪种账号", team: "哪类队伍",
  amount: "多少", place: "放在哪里", months: "每几个月一次", fallback: "没人应就找", text: "内容", en: "英文", zh: "中文",
};

/** A place such as content.actions.report_phone.minutes in words, with what the part is called. */
function placeWords(place, names) {
  const [first, ...rest] = place.replace(/^content\./, "").split(".");
  const found = [_(SECTIONS[first] || first)];
  const [key, ...inner] = rest;
  if (key !== undefined) {
    if (FIELDS[key]) inner.unshift(key);
    else found.push(names.get(`${first}.${key}`) || (/^\d+$/.test(key) ? _("第 {n} 行", { n: key }) : key));
  }
  return [...found, ...inner.map((name) => _(FIELDS[name] || name))].join(" · ");
}

function valueWords(value) {
  if (value === null || value === undefined || value === "") return _("没有");
  if (value === true || value === false) return value ? _("是") : _("不是");
  if (Array.isArray(value)) return value.map(valueWords).join(_("、")) || _("没有");
  return typeof value === "object" ? words(value) || _("没有") : String(value);
}

/** What changed, one line a change; `contents` are the two versions, for the names of their parts. */
export function changeList(changes, contents) {
  const names = new Map(contents.filter(Boolean).flatMap((content) => ["organisation", "actions"].flatMap((section) => content[section].map((one) => [`${section}.${one.key}`, words(one)]))));
  return changes.length ? el("ul", { class: "changes" }, changes.map((each) => el("li", {}, el("b", {}, placeWords(each.place, names)), _("："),
    el("del", {}, valueWords(each.was)), " → ", el("ins", {}, valueWords(each.is))))) : el("p", { class: "mut" }, _("两版一样"));
}
