// Volunteers: who has offered to help, calls by skill and area, and what is answered, live.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { emptyLine, errorLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { drawDrills } from "../duty/drill_band.js";
import { serverButton } from "../duty/buttons.js";
import { boxes, choice, form, line, text } from "../responses/form.js";
import { skillWord } from "../core/skills.js";

/** What a call says; the word of an exercise stands before it already. */
const unmarked = ({ text }) => text.replace(/^(【演练】|\[EXERCISE\]\s*)/, "");

const panels = { calls: new Panel(byId("panel-calls")), people: new Panel(byId("panel-volunteers")) };
const live = new Live(Object.values(panels));
Object.values(panels).forEach((panel) => live.fresh(panel));
const { feed } = live;
const box = byId("form-place");
const filter = byId("filter");
const KINDS = { person: "个人", organisation: "组织" };
const STATES = { come: "来", asked: "没答", cannot: "来不了" };
const open = new Set();
let skills = [];
let areas = null;
// Whoever comes from an incident calls people for it.
const incident = new URLSearchParams(location.search).get("incident");
let asked = Boolean(incident);

function place(node) {
  replace(box, node);
  if (!node) return;
  box.scrollIntoView({ block: "start" });
  node.querySelector("select, input, textarea")?.focus();
}

/** The areas one may choose from: townships and communities, by code. */
async function areaChoice() {
  if (!areas) {
    const found = await Promise.all(["township", "community"].map((level) => get(`/api/areas?level=${level}&limit=1000`)));
    areas = found.flatMap(({ features }) => features).map(({ properties }) => [properties.code, properties.name])
      .sort(([one], [other]) => (one < other ? -1 : 1));
  }
  return areas;
}

const areaName = (code) => areas?.find(([one]) => one === code)?.[1] || code;
const list = (words) => terms.listed(words.map(skillWord));

/** Nobody is written down who has not agreed to it. */
function consent() {
  const input = el("input", { type: "checkbox", name: "consented", required: true });
  return { name: "consented", input, node: el("label", { class: "check wide" }, input, _("本人（或组织）同意登记，同意有事时叫")), read: () => input.checked };
}

/** Run what a button starts; where the server does not answer, say so and offer to try again. */
async function opened(start) {
  try {
    await start();
  } catch (error) {
    place(errorLine(error, () => opened(start)));
  }
}

async function openAdd() {
  const fields = [choice("kind", _("个人还是组织"), Object.entries(KINDS).map(([key, words]) => [key, _(words)]), "person"),
    line("name", _("姓名或名称"), { most: 80 }), line("phone", _("手机（只用来叫人）"), { most: 20, needed: false }),
    line("people", _("人数"), { type: "number", value: 1, min: 1, max: 10000 }),
    line("organisation", _("所属组织（个人可填）"), { most: 80, needed: false }),
    choice("area", _("在哪里帮忙"), await areaChoice()), boxes("skills", _("会什么"), skills.map((one) => [one, skillWord(one)])), consent()];
  place(form({ title: _("登记志愿者或组织"), fields, go: _("登记"), close: () => place(null), done: load,
    send: (values) => post("/api/volunteers", Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""))) }));
}

/** The same call pressed again, its answer lost on the way, is the same call; other words are another. */
function calling() {
  let sent = null;
  let id = null;
  return (values) => {
    const words = JSON.stringify(values);
    if (words !== sent) id = crypto.randomUUID();
    sent = words;
    return post("/api/volunteer-calls", { id, ...values });
  };
}

async function openCall() {
  const send = calling();
  const fields = [choice("exercise", _("真的还是演练"), [[false, _("真的")], [true, _("演练")]], false),
    choice("area", _("叫哪里的人"), await areaChoice()),
    line("minutes", _("多少分钟内应答"), { type: "number", value: 60, min: 5, max: 10080 }),
    text("text", _("什么事、带什么、到哪里集合（不写人名和电话）"), { most: 400, rows: 3 }),
    boxes("skills", _("要会的（都要会）"), skills.map((one) => [one, skillWord(one)]))];
  place(form({ title: incident ? _("为这件事叫志愿者") : _("叫志愿者"), note: _("每人收到一条自己的链接，点开就能答。来不来由本人定，不计次数。"), fields, go: _("叫"),
    close: () => place(null), send: (values) => send(incident ? { ...values, incident } : values), done: (made) => {
      open.add(made.id);
      toast(_("叫了 {n} 个", { n: made.asked }));
      load();
    } }));
}

function answerRow(one, now) {
  return el("li", {}, el("span", { class: one.state === "come" ? "chip acc" : "chip" }, _(STATES[one.state])), el("b", {}, one.name),
    el("span", { class: "mut s" }, [one.kind === "organisation" && n_("{n} 人", one.people), one.phone, one.answered_at && moment(one.answered_at, now)].filter(Boolean).join(" · ")));
}

/** Who was asked, and which messages have not gone out. */
async function details(call) {
  const now = feed.serverNow();
  const [one, sent] = await Promise.all([get(`/api/volunteer-calls/${call.id}`), get(`/api/messages?about=volunteer_call:${call.id}`)]);
  const unsent = sent.items.filter((each) => each.unsent).length;
  const silent = one.answers.length - sent.items.length;
  return [unsent > 0 && el("p", { class: "unsent banner warn", role: "note" }, _("{n} 条短信没发出去：没有接短信网关，或还在等。打电话叫人", { n: unsent })),
    silent > 0 && el("p", { class: "unsent mut s" }, _("{n} 个没留手机，没写短信", { n: silent })),
    el("ul", { class: "answers" }, one.answers.map((each) => answerRow(each, now)))];
}

function callRow(call) {
  const now = feed.serverNow();
  const more = el("div", { class: "answers", "data-answers": call.id });
  const fill = async () => {
    try {
      replace(more, await details(call));
    } catch (error) {
      replace(more, errorLine(error, fill));
    }
  };
  const button = el("button", { type: "button", class: "btn quiet", "aria-expanded": String(open.has(call.id)), onclick: () => {
    if (open.delete(call.id)) replace(more);
    else {
      open.add(call.id);
      fill();
    }
    button.setAttribute("aria-expanded", String(open.has(call.id)));
  } }, _("看谁来"));
  if (open.has(call.id)) fill();
  return el("li", { class: call.over ? "vol off" : "vol" },
    el("span", {}, el("b", { class: "what" }, call.exercise && el("b", { class: "drill-word" }, _("演练")), " ", unmarked(call)),
      el("span", { class: "mut s" }, [call.skills.length ? list(call.skills) : _("不限"), call.incident && _("事件 {number}", { number: call.incident }),
        call.over ? _("{time} 截止，过了", { time: moment(call.expires_at, now) }) : _("{time} 前应答", { time: moment(call.expires_at, now) })].filter(Boolean).join(" · "))),
    el("span", { class: "counts" }, [[call.come, _("来")], [call.cannot, _("来不了")], [call.asked - call.come - call.cannot, _("没答")]].map(([n, words]) =>
      el("span", {}, el("b", {}, number(n)), el("span", { class: "mut s" }, words))), button), more);
}

function personRow(one) {
  const flip = serverButton(one.active ? _("不再叫") : _("再叫"), async () => {
    try {
      await post(`/api/volunteers/${one.id}`, { active: !one.active }, { version: one.revision });
    } catch (error) {
      toast(_("没存上：{why}", { why: error.detail || error.message }));
    }
    load();
  }, { quiet: true });
  return el("li", { class: one.active ? "vol" : "vol off" }, el("span", {}, el("b", { class: "what" }, one.name),
    el("span", { class: "mut s" }, [_(KINDS[one.kind]), one.organisation, one.people > 1 && n_("{n} 人", one.people), list(one.skills), one.phone || _("没留手机"), areaName(one.area), !one.active && _("不再叫")].filter(Boolean).join(" · "))), flip);
}

/** The choices of the filter, once they are known. */
function fillFilter() {
  const { area, skill } = filter.elements;
  if (area.options.length === 1) area.append(...areas.map(([code, name]) => el("option", { value: code }, name)));
  if (skill.options.length === 1) skill.append(...skills.map((one) => el("option", { value: one }, skillWord(one))));
}

async function loadCalls() {
  panels.calls.loading(2);
  try {
    const { items } = await get("/api/volunteer-calls");
    drawDrills(byId("exercise-band"), items.filter((call) => !call.over).map((call) => ({ properties: { exercise: call.exercise, name: unmarked(call).slice(0, 24) } })));
    panels.calls.show(items.length ? el("ul", {}, items.map(callRow)) : emptyLine(_("还没叫过")));
  } catch (error) {
    panels.calls.fail(error, loadCalls);
  }
}

async function loadPeople() {
  panels.people.loading(4);
  try {
    const chosen = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value).map(([name, value]) => [name === "skill" ? "skills" : name, value]));
    const [found] = await Promise.all([get(`/api/volunteers?${chosen}`), areaChoice()]);
    ({ skills } = found);
    fillFilter();
    if (asked) opened(openCall);
    asked = false;
    panels.people.show(found.items.length ? el("ul", {}, found.items.map(personRow)) : emptyLine(chosen.size ? _("没有符合的") : _("还没有人登记")));
  } catch (error) {
    panels.people.fail(error, loadPeople);
  }
}

let soon = null;
function load() {
  soon ||= setTimeout(() => {
    soon = null;
    loadCalls();
    loadPeople();
  }, 200);
}

byId("add").addEventListener("click", () => opened(openAdd));
byId("call").addEventListener("click", () => opened(openCall));
filter.addEventListener("change", () => loadPeople());
feed.addEventListener("ready", load);
feed.addEventListener("resumed", load);
feed.addEventListener("change", ({ detail }) => {
  if (["volunteer", "message"].includes(detail.subject)) load();
});
live.start();
