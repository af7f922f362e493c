// One response: what it is, its tasks by level, whistles, what it is linked to and its course.
import "./common.js";
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment } from "../core/format.js";
import { handGone } from "../core/hand.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as words from "../core/response_words.js";
import { roman } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";
import { severityGlyph } from "../map/symbols.js";
import { attempt, choice, form, line, text } from "../responses/form.js";
import { until } from "../responses/start.js";
import { taskCard, tickTasks } from "../responses/tasks.js";
import { openBlow, whistleCard } from "../responses/whistles.js";

let one = JSON.parse(byId("response-data").textContent);
const panels = Object.fromEntries(["head", "tasks", "whistles", "log"].map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live(Object.values(panels));
Object.values(panels).forEach((panel) => live.fresh(panel));
const { feed } = live;
const box = byId("form-place");
const address = `/api/responses/${one.id}`;
const choices = () => get(`${address}/people`);
document.documentElement.classList.toggle("is-drill", one.exercise);

function place(node) {
  replace(box, node);
  if (!node) return;
  box.scrollIntoView({ block: "start" });
  node.querySelector("select, input, textarea")?.focus();
}

const VERBS = { adjust: "调整", escalate: "交上级指挥", hand_down: "交下级指挥", hand_over: "交接指挥", end: "结束响应" };

async function stepForm(verb) {
  const fields = [];
  if (verb === "adjust") {
    if (one.level) fields.push(choice("level", _("响应级别"), [1, 2, 3, 4].map((level) => [level, words.level(level)]), one.level));
    fields.push(line("expected_until", _("新的预期到什么时候，不改就空着"), { type: "datetime-local", needed: false }), text("measures", _("处置措施"), { value: one.measures }));
  }
  if (verb === "hand_over") {
    const found = await attempt(place, choices);
    if (!found) return;
    const { leaders } = found;
    fields.push(choice("leader", _("交给谁"), leaders.map((each) => [each.id, each.name])));
  }
  fields.push(text("reason", verb === "hand_over" ? _("要他知道的") : _("原因"), { most: 1000, rows: 2 }));
  place(form({ title: _(VERBS[verb]), note: verb === "end" ? _("没办完的任务不再催。之后到“复盘”里看经过、写教训。") : null, fields, go: _(VERBS[verb]), close: () => place(null),
    done: ({ revision }) => {
      one.revision = revision; // the next step is not taken for one on an older state
      toast(_("记下了：{what}", { what: _(VERBS[verb]) }));
      load();
    },
    send: (values) => {
      const body = { verb, reason: values.reason };
      if (verb === "adjust") {
        if (values.level && values.level !== one.level) body.level = values.level;
        if (values.expected_until) body.expected_until = until(values.expected_until);
        if (values.measures !== one.measures) body.measures = values.measures;
      }
      if (verb === "hand_over") body.leader = values.leader;
      return post(`${address}/steps`, body, { version: one.revision });
    } }));
}

function addTask() {
  place(form({ title: _("加一项任务"), fields: [line("title", _("任务")), choice("tier", _("哪一级"), words.TIERS.map((key) => [key, words.tier(key)]), "village"),
    line("minutes", _("时限（分钟）"), { type: "number", value: 30, min: 1, max: 10080 })], go: _("加一项任务"), close: () => place(null), done: load,
  send: (values) => post(`${address}/tasks`, values) }));
}

function linked() {
  const parts = [];
  if (one.hazard) parts.push(_("险情：{name}（{state}）", { name: one.hazard.name, state: terms.hazardState(one.hazard.state) }));
  const nodes = [parts.join(" ")];
  for (const plan of one.plans) nodes.push(" ", el("a", { class: "btn", href: `/plans/${plan.id}` }, _("预案 {number}", { number: `${plan.version} · ${terms.planState(plan.state)}` })));
  for (const alert of one.alerts) nodes.push(" ", may("map.view") ? el("a", { class: "btn", href: `/alerts?id=${encodeURIComponent(alert.id)}` }, alert.headline) : alert.headline);
  return nodes;
}

function more() {
  const running = one.state === "open";
  return [running && may("incident.dispatch") && serverButton(_("加一项任务"), addTask),
    running && may("incident.report") && serverButton(_("吹哨叫部门"), () => openBlow(place, load, one.id)),
    may("incident.dispatch") && el("a", { class: "btn", href: `/responses/${one.id}/after` }, _("复盘"))];
}

const fact = (name, value, wide = "") => el("div", { class: wide }, el("dt", {}, name), el("dd", {}, value));

function others() {
  const { template } = one;
  const words = template && _("{key} 第 {n} 版", { key: template.name || template.key, n: template.version });
  return [(one.hazard || one.alerts.length > 0) && fact(_("对应"), linked(), "wide"),
    template && fact(_("预案模板"), may("plan.view") ? el("a", { href: "/plan-templates" }, words) : words, "wide")];
}

function drawHead() {
  const now = feed.serverNow();
  panels.head.show(
    el("p", { class: "head-line" },
      one.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(one.level, roman(one.level), 48),
      el("b", {}, [words.level(one.level), !one.exercise && one.level && terms.colourName(one.level)].filter(Boolean).join(" ")),
      el("span", { class: "chip" }, one.state === "open" ? _("进行中") : _("已结束")), el("span", { class: "mut" }, [words.kind(one.kind), one.area_name || one.area].join(" · "))),
    el("dl", { class: "facts" },
      fact(_("响应事项"), one.matter), fact(_("响应级别"), words.level(one.level)),
      fact(_("预期期限"), _("{from} 至 {to}", { from: moment(one.started_at, now), to: moment(one.ended_at || one.expected_until, now) })),
      fact(_("指挥"), [words.tier(one.tier), one.leader].filter(Boolean).join(" · ")),
      fact(_("处置措施"), one.measures, "wide"),
      others()),
    el("div", { class: "actions" }, one.steps.map((verb) => serverButton(_(VERBS[verb]), () => stepForm(verb))),
      more()));
}

function drawTasks() {
  const context = { now: feed.serverNow(), place, choices, again: load };
  const going = (task) => (task.state === "done" || task.state === "void" ? 1 : 0);
  const column = (tier) => {
    const tasks = one.tasks.filter((task) => task.tier === tier).sort((a, b) => going(a) - going(b) || a.due_at.localeCompare(b.due_at) || a.id - b.id);
    const done = tasks.filter((task) => task.state === "done").length;
    return el("section", { "aria-label": words.tier(tier) }, el("h3", {}, el("span", {}, words.tier(tier)), el("span", { class: "num mut" }, `${done}/${tasks.length}`)),
      tasks.length ? tasks.map((task) => taskCard(task, context)) : emptyLine(_("这一级没有任务")));
  };
  panels.tasks.show(one.tasks.length ? el("div", { class: "board" }, words.TIERS.map(column)) : emptyLine(_("没有任务：这一类没有预案模板")));
  byId("tasks-count").textContent = _("{done}/{all} 办完", { done: one.tasks_done, all: one.tasks_all });
}

function drawLog() {
  const now = feed.serverNow();
  const entry = (step) => el("li", {}, el("span", { class: "num mut" }, moment(step.at, now)),
    el("span", {}, el("b", {}, words.verb(step.verb)), " ", [words.level(step.level), words.tier(step.tier), step.by, step.to && `→ ${step.to}`, step.reason].filter(Boolean).join(" · ")));
  panels.log.show(el("ol", { class: "log-list" }, one.log.map(entry)));
}

function draw() {
  drawHead();
  drawTasks();
  panels.whistles.show(one.whistles.length
    ? el("ul", {}, one.whistles.map((each) => whistleCard(each, { now: feed.serverNow(), place, again: load }))) : emptyLine(_("没有人吹哨")));
  drawLog();
}

let soon = null;
function load() {
  soon ||= setTimeout(async () => {
    soon = null;
    try {
      one = await get(address);
      await handGone();
      draw();
    } catch (error) {
      panels.head.fail(error, load);
    }
  }, 200);
}

draw();
feed.addEventListener("resumed", load);
feed.addEventListener("change", ({ detail }) => {
  if (["response", "task", "whistle", "hazard", "plan", "alert"].includes(detail.subject)) load();
});
setInterval(() => tickTasks(document, feed.serverNow()), 1000);
live.start();
