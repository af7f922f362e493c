// Plan templates: what each says, the drill calendar, the versions, and who may make another.
import "./common.js";
import { toast } from "./common.js";
import { open as openForm, retire } from "./plan_templates_form.js";
import { changeList, sections } from "./plan_templates_text.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { dateOf } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import * as response from "../core/response_words.js";
import { _, n_ } from "../core/words.js";
import { calendar, read as readDrills } from "../responses/drills.js";

const data = JSON.parse(byId("templates-data").textContent);
const mine = new Set(data.places.map((one) => one.code));
const panel = new Panel(byId("panel-templates"));
const drills = new Panel(byId("panel-drills"));
const place = byId("form-place");
const changes = may("plan.approve");
const STATES = { in_force: "现在用的", waiting: "还没开始", past: "用过的", never: "没用上", retired: "已停用" };

const close = () => replace(place);
function show(node) {
  replace(place, node);
  if (!node) return;
  place.scrollIntoView({ block: "start" });
  node.querySelector("select:not(:disabled), input:not([readonly])")?.focus();
}
/** The form goes when the list says what it stored: nothing opened under it is shut again. */
const done = async () => {
  await load();
  close();
  if (location.search) history.replaceState(null, "", location.pathname);
};
/** Say at the place of forms that something could not be read, with a button to try again. */
const attempt = (work) => async () => {
  try {
    await work();
  } catch (error) {
    show(errorLine(error, attempt(work)));
  }
};
const versionWords = (one) => _("第 {n} 版，{day} 起", { n: one.version, day: one.valid_from });
const versionsOf = (one) => get(`/api/plan-templates/${one.key}/history?area=${one.area}`);

function versionRow(one, before) {
  const made = [one.person || _("随产品来的"), dateOf(new Date(one.created_at))].join(" ");
  return el("li", { class: one.state },
    el("p", {}, el("b", {}, versionWords(one)), " ", el("span", { class: "chip" }, _(STATES[one.state]))),
    el("p", { class: "mut s" }, made),
    one.lessons.map((lesson) => el("p", {}, _("来自教训：{text}", { text: lesson.text }), " ", el("a", { href: `/responses/${lesson.response}/after` }, lesson.matter))),
    one.retired ? el("p", {}, _("从这天起停用")) : before && changeList(one.changes, [one.content, before.content]));
}

/** Two versions chosen, and what one says otherwise than the other. */
function comparison(one, versions) {
  if (versions.length < 2) return null;
  const choose = (words, chosen) => el("label", { class: "stack" }, el("span", {}, words), el("select", { class: "select" }, versions.map((each) => el("option", { value: each.version, selected: each.version === chosen }, versionWords(each)))));
  const from = choose(_("旧的一版"), versions[1].version);
  const to = choose(_("新的一版"), versions[0].version);
  const box = el("div", { "aria-live": "polite" });
  const contentOf = (number) => versions.find((each) => each.version === Number(number)).content;
  const compare = async () => {
    const [older, newer] = [from, to].map((each) => each.querySelector("select").value);
    try {
      replace(box, changeList(await get(`/api/plan-templates/${one.key}/compare?area=${one.area}&older=${older}&newer=${newer}`), [contentOf(newer), contentOf(older)]));
    } catch (error) {
      replace(box, errorLine(error, compare));
    }
  };
  return el("div", { class: "compare-two" }, el("div", { class: "row" }, from, to, el("button", { type: "button", class: "btn", onclick: compare }, _("比较两版"))), box);
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

function download(one) {
  const kept = JSON.stringify(one, null, 1);
  const link = el("a", { href: URL.createObjectURL(new globalThis.Blob([kept], { type: "application/json" })), download: `${one.key}-${one.version}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
}

function buttons(one) {
  const said = { "aria-describedby": `name-${one.area}-${one.key}` };
  const take = [el("a", { class: "btn", href: `/plan-templates/${one.key}.pdf?area=${one.area}&version=${one.version}`, ...said }, _("打印（PDF）")),
    el("button", { type: "button", class: "btn", onclick: () => download(one), ...said }, _("存成 JSON"))];
  if (!changes || !mine.has(one.area)) return el("div", { class: "row" }, take);
  const form = (make) => attempt(async () => {
    const [last] = await versionsOf(one); // what waits is edited, not what it replaces
    show(make(last, data, done, close));
  });
  return el("div", { class: "row" },
    el("button", { type: "button", class: "btn", ...said, onclick: form(openForm) }, _("改")),
    !one.next?.retired && el("button", { type: "button", class: "btn", ...said, onclick: form(retire) }, _("停用")),
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
    later(_("历次版本"), async () => {
      const found = await versionsOf(one);
      return [comparison(one, found), el("ol", { reversed: true }, found.map((each, at) => versionRow(each, found[at + 1])))];
    }));
}

/** Open the form of the template a lesson is about, with the lesson at its top. */
const takeIn = (number) => attempt(async () => {
  const lesson = await get(`/api/lessons/${number}`);
  const [last] = await versionsOf({ key: lesson.template, area: lesson.area });
  show(openForm(last, data, done, close, lesson));
});

/** Changes that lessons of responses ask for: decided here by who edits templates. */
async function asked() {
  const found = await get("/api/plan-templates/proposals");
  const decline = (one) => async () => {
    try {
      await post(`/api/lessons/${one.id}/steps`, { verb: "decline" });
    } catch (error) {
      toast(_("没存上：{why}", { why: error.detail || error.message }));
    }
    load();
  };
  return found.length > 0 && el("section", { class: "panel", "aria-label": _("教训提出的修改") },
    el("header", {}, el("h2", {}, _("教训提出的修改"))),
    el("ul", { class: "asked" }, found.map((one) => el("li", {}, el("b", {}, one.text), el("span", { class: "mut s" }, " ", [one.owner, one.due_on].join(" · ")),
      el("div", { class: "row" }, el("a", { class: "btn", href: `/responses/${one.response}/after` }, one.matter),
        changes && mine.has(one.area) && [el("button", { type: "button", class: "btn", onclick: takeIn(one.id) }, _("写进模板")),
          el("button", { type: "button", class: "btn", onclick: decline(one) }, _("不采纳"))])))));
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

async function loadDrills(days = 90) {
  drills.loading(3);
  const again = () => loadDrills(days);
  try {
    drills.show(...calendar(await readDrills(days), { place: show, again, now: new Date() }, days, loadDrills));
  } catch (error) {
    drills.fail(error, again);
  }
}

document.getElementById("add")?.addEventListener("click", () => show(openForm(null, data, done, close)));
load();
loadDrills();
const lesson = new URLSearchParams(location.search).get("lesson");
if (changes && /^[0-9]{1,18}$/.test(lesson || "")) takeIn(lesson)();
