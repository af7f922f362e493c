// Plan templates: what each says, the versions before and after, and who may make another.
import "./common.js";
import { open as openForm, retire } from "./plan_templates_form.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { may } from "../core/page.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import * as response from "../core/response_words.js";
import { _, n_ } from "../core/words.js";

const data = JSON.parse(byId("templates-data").textContent);
const mine = new Set(data.places.map((one) => one.code));
const panel = new Panel(byId("panel-templates"));
const place = byId("form-place");
const changes = may("plan.approve");
const STATES = { in_force: "现在用的", waiting: "还没开始", past: "用过的", never: "没用上", retired: "已停用" };
const { words } = response;

const close = () => replace(place);
function show(node) {
  replace(place, node);
  place.scrollIntoView({ block: "start" });
  node.querySelector("select:not(:disabled), input:not([readonly])")?.focus();
}
const done = () => {
  close();
  load();
};
const versionWords = (one) => _("第 {n} 版，{day} 起", { n: one.version, day: one.valid_from });
const roleOf = (content) => new Map(content.organisation.map((one) => [one.key, words(one)]));

function levels(action) {
  return action.levels.length ? action.levels.map((one) => ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][one]).join(" ") : _("各级");
}

function actionTable(content) {
  const roles = roleOf(content);
  const heads = [[_("任务")], [_("谁负责")], [_("哪一级")], [_("响应级别")], [_("时限"), "n"], [_("认可")]];
  const row = (one) => el("tr", {}, el("th", { scope: "row" }, words(one)), el("td", {}, roles.get(one.role)),
    el("td", {}, response.tier(one.tier)), el("td", {}, levels(one)), el("td", { class: "n num nw" }, response.minutes(one.minutes)),
    el("td", {}, one.approval ? _("要另一人认可") : "–"));
  return el("div", { class: "plan-actions", tabindex: 0, role: "region", "aria-label": _("行动清单") }, el("table", { class: "list" },
    el("caption", { class: "sr" }, _("行动清单")),
    el("thead", {}, el("tr", {}, heads.map(([head, name]) => el("th", { scope: "col", class: name || "" }, head)))),
    el("tbody", {}, content.actions.map(row))));
}

function sections(content) {
  const roles = roleOf(content);
  const part = (head, ...body) => el("section", {}, el("h3", {}, head), body);
  const list = (tag, items, said) => el(tag, {}, items.map((one) => el("li", {}, said(one))));
  return el("div", { class: "plan-sections" },
    part(_("总则"), el("p", {}, words(content.general))),
    part(_("组织和职责"), list("ul", content.organisation, (one) => [el("b", {}, words(one)), _("："), words(one.duty)])),
    part(_("报告与预警"), el("p", {}, words(content.reporting))),
    part(_("先期处置"), list("ol", content.first_response, words)),
    part(_("行动清单"), actionTable(content)),
    part(_("叫应顺序"), list("ol", content.call_tree, (one) => (one.fallback
      ? _("{role}，没人应就找{other}", { role: roles.get(one.role), other: roles.get(one.fallback) }) : roles.get(one.role)))),
    part(_("物资"), list("ul", content.resources, (one) => [words(one), one.amount, one.place].filter(Boolean).join(" · "))),
    part(_("演练"), list("ul", content.drills, (one) => _("{what}，每 {n} 个月一次", { what: words(one), n: one.months }))),
    part(_("后期处置"), el("p", {}, words(content.aftermath))),
    part(_("附件"), list("ul", content.annexes, (one) => [el("b", {}, words(one)), _("："), words(one.text)])));
}

const said = (value) => (value === null || value === undefined ? _("没有") : Array.isArray(value) ? value.join(_("、")) || _("没有") : String(value));

function versionRow(one) {
  const made = [one.person || _("随产品来的"), one.created_at.slice(0, 10)].join(" ");
  return el("li", { class: one.state },
    el("p", {}, el("b", {}, versionWords(one)), " ", el("span", { class: "chip" }, _(STATES[one.state]))),
    el("p", { class: "mut s" }, made),
    one.retired ? el("p", {}, _("从这天起停用"))
      : one.changes.length ? el("ul", {}, one.changes.map((each) => el("li", {}, `${each.place}${_("：")}${said(each.was)} → ${said(each.is)}`)))
        : null);
}

/** What is read only when it is opened. */
function later(head, read) {
  const box = el("div", { class: "versions" });
  const fill = async () => {
    try {
      replace(box, await read());
    } catch (error) {
      replace(box, errorLine(error, fill));
    }
  };
  return el("details", { ontoggle: (event) => event.target.open && !box.childElementCount && fill() }, el("summary", {}, head), box);
}

const versionsOf = (one) => get(`/api/plan-templates/${one.key}/history?area=${one.area}`);

function download(one) {
  const text = JSON.stringify(one, null, 1);
  const link = el("a", { href: URL.createObjectURL(new globalThis.Blob([text], { type: "application/json" })), download: `${one.key}-${one.version}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
}

function buttons(one) {
  const take = el("button", { type: "button", class: "btn", onclick: () => download(one), "aria-describedby": `name-${one.area}-${one.key}` }, _("存成 JSON"));
  if (!changes || !mine.has(one.area)) return el("div", { class: "row" }, take);
  const form = (make) => async () => {
    const [last] = await versionsOf(one); // what waits is edited, not what it replaces
    show(make(last, data, done, close));
  };
  return el("div", { class: "row" },
    el("button", { type: "button", class: "btn", "aria-describedby": `name-${one.area}-${one.key}`, onclick: form(openForm) }, _("改")),
    !one.next?.retired && el("button", { type: "button", class: "btn", "aria-describedby": `name-${one.area}-${one.key}`, onclick: form(retire) }, _("停用")),
    take);
}

function card(one) {
  const { next } = one;
  return el("article", { class: "standard" },
    el("header", {},
      el("h2", { id: `name-${one.area}-${one.key}` }, one.name),
      el("p", { class: "mut s" }, [one.area_name || one.area, response.areaType(one.area_type), versionWords(one),
        n_("{n} 项任务", one.content.actions.length)].join(" · "))),
    next && el("p", { class: "next" }, next.retired ? _("{day} 起停用", { day: next.valid_from }) : _("第 {n} 版从 {day} 起", { n: next.version, day: next.valid_from })),
    el("p", { class: "mut s" }, _("依据"), _("："), one.source),
    buttons(one),
    later(_("看全文"), async () => sections(one.content)),
    later(_("历次版本"), async () => el("ol", { reversed: true }, (await versionsOf(one)).map(versionRow))));
}

/** Changes that lessons of responses ask for: decided here by who edits templates. */
async function asked() {
  const found = await get("/api/plan-templates/proposals");
  const say = (one, verb) => async () => {
    await post(`/api/lessons/${one.id}/steps`, { verb });
    load();
  };
  return found.length > 0 && el("section", { class: "panel", "aria-label": _("教训提出的修改") },
    el("header", {}, el("h2", {}, _("教训提出的修改"))),
    el("ul", { class: "asked" }, found.map((one) => el("li", {}, el("b", {}, one.text), el("span", { class: "mut s" }, " ", [one.template, one.owner, one.due_on].join(" · ")),
      el("div", { class: "row" }, el("a", { class: "btn", href: `/responses/${one.response}/after` }, one.matter),
        changes && el("button", { type: "button", class: "btn", onclick: say(one, "take") }, _("采纳")),
        changes && el("button", { type: "button", class: "btn", onclick: say(one, "decline") }, _("不采纳")))))));
}

async function load() {
  panel.loading(6);
  try {
    const found = await get("/api/plan-templates");
    panel.show(await asked(), found.length ? el("div", { class: "standards" }, found.map(card)) : emptyLine(_("还没有模板")));
    document.getElementById("add")?.removeAttribute("disabled");
    data.first = found.find((one) => one.hazard_kind === "general") || found[0];
  } catch (error) {
    panel.fail(error, load);
  }
}

document.getElementById("add")?.addEventListener("click", () => show(openForm(null, data, done, close)));
load();
