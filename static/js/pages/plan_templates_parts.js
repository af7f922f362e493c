// The sections of a plan template as rows of a form: roles, first response, actions, calls, stores, drills, annexes.
import { area, figure, levels, line, Rows, select, tick } from "./plan_templates_rows.js";
import { el } from "../core/dom.js";
import * as response from "../core/response_words.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";

const HOLDERS = ["commander", "duty_officer", "unit", "planner", "grid_member"];
export const TEAMS = { fire: "消防救援", medical: "医疗救护", police: "公安", grid: "网格", volunteer: "志愿者" };
const english = () => _("英文（可空）");

const letters = (n) => String.fromCharCode(97 + (n % 26)).repeat(1 + Math.floor(n / 26));

/** Keys of new roles and actions: letters only, none that is taken. */
function fresh(taken, stem) {
  let number = 0;
  let key;
  do key = `${stem}_${letters(number++)}`; while (taken.has(key));
  taken.add(key);
  return key;
}

/** A row out of its fields; each gives its value under its own name, `rest` adds what has no field. */
function row(fields, read) {
  return { fields, nodes: fields.map((each) => each.node), read };
}

function texts(one, words, { most = 120, wide = false, name } = {}) {
  return [line("zh", words, one.zh, { most, wide, name: name && `${name}_zh` }), line("en", english(), one.en, { most, needed: false, wide, name: name && `${name}_en` })];
}

function organisation(content, changed) {
  const taken = new Set(content.organisation.map((one) => one.key));
  const make = (one) => {
    const [zh, en] = texts(one, _("角色"), { name: "role" });
    const duty = area("duty.zh", _("职责"), one.duty.zh, { name: "duty_zh" });
    const dutyEn = area("duty.en", english(), one.duty.en, { needed: false, name: "duty_en" });
    const held = select("held_by", _("哪种账号看得到他的任务"), [[null, _("没有账号")], ...HOLDERS.map((key) => [key, terms.role(key)])], one.held_by);
    const team = select("team", _("派给哪类队伍"), [[null, _("不派队伍")], ...Object.entries(TEAMS).map(([key, words]) => [key, _(words)])], one.team);
    return { ...row([zh, en, held, team, duty, dutyEn], () => ({ key: one.key, zh: zh.read(), en: en.read(), duty: { zh: duty.read(), en: dutyEn.read() }, held_by: held.read(), team: team.read() })),
      role: () => [one.key, (response.english() && en.read()) || zh.read() || "…"] };
  };
  return new Rows({ name: "organisation", words: _("组织和职责"), add: _("加一个角色"), items: content.organisation, make, changed,
    blank: () => ({ key: fresh(taken, "role"), zh: "", en: "", duty: { zh: "", en: "" }, held_by: null, team: null }) });
}

function actions(content, roles) {
  const taken = new Set(content.actions.map((one) => one.key));
  const make = (one) => {
    const [zh, en] = texts(one, _("任务"), { name: "action" });
    const role = select("role", _("谁负责"), roles(), one.role, "action_role");
    const tier = select("tier", _("哪一级"), response.TIERS.map((key) => [key, response.tier(key)]), one.tier, "action_tier");
    const minutes = figure("minutes", _("时限（分钟）"), one.minutes, 100000, "action_minutes");
    const chips = levels(one.levels);
    const approval = tick(_("要另一人认可"), one.approval, "approval");
    return { fields: [zh, en, role, tier, minutes, chips], nodes: [zh.node, en.node, role.node, tier.node, minutes.node, el("div", { class: "more" }, chips.node, approval.node)], refill: () => role.fill(roles()),
      read: () => ({ key: one.key, zh: zh.read(), en: en.read(), role: role.read() || "", tier: tier.read(), levels: chips.read(), minutes: minutes.read(), approval: approval.read() }) };
  };
  return new Rows({ name: "actions", words: _("行动清单"), add: _("加一项任务"), items: content.actions, make,
    note: _("时限从响应启动算起。响应启动时按级别取这里的行，变成任务。"),
    blank: () => ({ key: fresh(taken, "added"), zh: "", en: "", role: roles()[0]?.[0], tier: "village", levels: [], minutes: 30, approval: false }) });
}

function callTree(content, roles) {
  const make = (one) => {
    const role = select("role", _("叫谁"), roles(), one.role, "call_role");
    const fallback = select("fallback", _("没人应就找"), [[null, _("没有")], ...roles()], one.fallback ?? null, "call_fallback");
    return { ...row([role, fallback], () => ({ role: role.read() || "", fallback: fallback.read() })),
      refill: () => {
        role.fill(roles());
        fallback.fill([[null, _("没有")], ...roles()]);
      } };
  };
  return new Rows({ name: "call_tree", words: _("叫应顺序"), add: _("加一个要叫的"), items: content.call_tree, make, blank: () => ({ role: roles()[0]?.[0], fallback: null }) });
}

function simple(name, words, add, items, build, blank) {
  const make = (one) => {
    const fields = build(one);
    return row(fields, () => {
      const found = {};
      for (const each of fields) {
        const [first, second] = each.at.split(".");
        if (second) found[first] = { ...found[first], [second]: each.read() };
        else found[first] = each.read();
      }
      return found;
    });
  };
  return new Rows({ name, words, add, items, make, blank: () => blank });
}

/** Every section that is rows, in the order of the plan; `sections[name]` reads and refuses. */
export function sections(content) {
  const found = {};
  const roles = () => found.organisation.held.map((each) => each.role());
  const refill = () => {
    for (const name of ["actions", "call_tree"]) found[name]?.held.forEach((each) => each.refill());
  };
  found.organisation = organisation(content, refill);
  found.first_response = simple("first_response", _("先期处置"), _("加一条"), content.first_response, (one) => texts(one, _("做什么"), { most: 4000, name: "first" }), { zh: "", en: "" });
  found.actions = actions(content, roles);
  found.call_tree = callTree(content, roles);
  found.resources = simple("resources", _("物资"), _("加一样物资"), content.resources,
    (one) => [...texts(one, _("什么"), { name: "resource" }), line("amount", _("多少"), one.amount), line("place", _("放在哪里"), one.place, { needed: false })], { zh: "", en: "", amount: "", place: "" });
  found.drills = simple("drills", _("演练"), _("加一种演练"), content.drills,
    (one) => [...texts(one, _("演练什么"), { name: "drill" }), figure("months", _("每几个月一次"), one.months, 60)], { zh: "", en: "", months: 12 });
  found.annexes = simple("annexes", _("附件"), _("加一份附件"), content.annexes,
    (one) => [...texts(one, _("附件名"), { name: "annex" }), area("text.zh", _("内容"), one.text.zh, { name: "annex_text" }), area("text.en", english(), one.text.en, { needed: false, name: "annex_text_en" })],
    { zh: "", en: "", text: { zh: "", en: "" } });
  return found;
}

/** What a new row of a section says when it comes of a lesson. */
export function fromLesson(name, text) {
  const short = text.slice(0, 120);
  return {
    first_response: { zh: text, en: "" }, resources: { zh: short, en: "", amount: "", place: "" }, drills: { zh: short, en: "", months: 12 },
    annexes: { zh: short, en: "", text: { zh: text, en: "" } },
    actions: { zh: short, en: "", tier: "village", levels: [], minutes: 30, approval: false },
  }[name];
}
