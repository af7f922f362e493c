// The review of a response: figures against deadlines, evaluation, lessons, what is destroyed, the course.
import "./common.js";
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { dateOf, moment, number } from "../core/format.js";
import { may } from "../core/page.js";
import { emptyLine, errorLine } from "../core/panels.js";
import * as words from "../core/response_words.js";
import { _, n_ } from "../core/words.js";
import { choice, form, line, text } from "../responses/form.js";

const data = JSON.parse(byId("after-data").textContent);
let { review } = data;
const address = `/api/responses/${review.id}`;
const box = byId("form-place");
const body = (name) => byId(`panel-${name}`).querySelector(".body");
const SUBJECTS = {
  response: "响应", task: "任务", whistle: "吹哨", hazard: "险情", alert: "预警", plan: "预案", call_out: "叫应", shelter: "安置点", incident: "事件",
  drill: "演练", lesson: "教训", after_action: "复盘", personal_data: "个人信息", message: "消息", road: "道路", team: "队伍", volunteer: "志愿者",
};
const TABLES = {
  call_out: "叫应名单", call_step: "叫应经过", arrival: "到达登记", message: "发给人的消息", plan_sheet: "存下的转移单", plan_stop: "接送名单",
  response_task: "任务备注", whistle: "吹哨的内容", whistle_call: "报到的说明", plan_change: "改排名单", plan_part: "按户算的附件", plan_way: "按户算的路线", route: "每户的路线", assignment: "每户的去处",
};
let shown = null;
document.documentElement.classList.toggle("is-drill", review.exercise);

function place(node) {
  replace(box, node);
  if (!node) return;
  box.scrollIntoView({ block: "start" });
  node.querySelector("select, input, textarea")?.focus();
}
const close = () => place(null);

async function load() {
  try {
    review = await get(`${address}/after`);
  } catch (error) {
    place(errorLine(error, () => {
      place(null);
      load();
    }, _("页面上是之前的")));
    return;
  }
  draw();
}

async function send(url, content) {
  try {
    await post(url, content);
  } catch (error) {
    toast(_("没存上：{why}", { why: error.detail || error.message }));
  }
  await load();
}

function table(caption, heads, rows) {
  return el("div", { class: "sideways", tabindex: 0, role: "region", "aria-label": caption }, el("table", { class: "list" }, el("caption", { class: "sr" }, caption),
    el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))), el("tbody", {}, rows)));
}

function drawFigures() {
  const { tasks, calls, clear_by: limit, last_arrival: last, answer_minutes: minutes } = review.figures;
  const row = (name, values) => el("tr", {}, el("th", { scope: "row" }, name), values.map((value) => el("td", { class: "n num" }, number(value))));
  replace(body("figures"), table(_("措施和时限"), [[_("哪一项")], [_("全部"), "n"], [_("按时"), "n"], [_("没按时"), "n"], [_("没办完"), "n"]], [
    row(_("各项任务"), [tasks.all, tasks.in_time, tasks.late, tasks.not_done]),
    row(_("叫应（户，{n} 分钟内应答）", { n: minutes }), [calls.households, calls.in_time, calls.answered - calls.in_time, calls.households - calls.answered])]),
  (limit || last) && el("p", {}, _("要求清空：{limit}；最后到达：{last}", {
    limit: limit ? moment(limit, new Date()) : _("没有限定"), last: last ? moment(last, new Date()) : _("还没有人到"),
  })),
  el("p", { class: "mut s" }, _("只数任务和户，不比人。")));
}

function evaluationForm() {
  const before = review.evaluation || { objectives: [], summary: "" };
  const held = [];
  const list = el("div", { class: "wide" });
  const add = (one = { objective: "", observed: "", mark: "met" }) => {
    const row = [line("objective", _("目标"), { value: one.objective, most: 400, needed: false }), line("observed", _("看到的"), { value: one.observed, most: 1000, needed: false }),
      choice("mark", _("结果"), words.MARK_KEYS.map((key) => [key, words.mark(key)]), one.mark)];
    held.push(row);
    list.append(el("div", { class: "row" }, row.map((field) => field.node)));
  };
  (before.objectives.length ? before.objectives : [undefined, undefined, undefined]).forEach((one) => add(one));
  const summary = text("summary", _("总的看"), { value: before.summary });
  const objectives = { name: "objectives", node: el("div", { class: "wide" }, list, el("button", { type: "button", class: "btn", onclick: () => add() }, _("加一个目标"))),
    read: () => held.map((row) => Object.fromEntries(row.map((field) => [field.name, field.read()]))).filter((one) => one.objective) };
  place(form({ title: _("演练评估"), note: _("写目标和看到的，用词不打分，不排名。"), fields: [objectives, summary], go: _("存下"), close, done: load,
    send: (values) => post(`${address}/evaluation`, values) }));
}

function drawEvaluation() {
  const one = review.evaluation;
  const button = el("p", { class: "row" }, el("button", { type: "button", class: "btn", onclick: evaluationForm, disabled: Boolean(review.reviewed_at) }, one ? _("改评估") : _("写评估")));
  replace(body("evaluation"), one ? [table(_("演练评估"), [[_("目标")], [_("看到的")], [_("结果")]],
    one.objectives.map((each) => el("tr", {}, el("td", {}, each.objective), el("td", {}, each.observed), el("td", {}, words.mark(each.mark))))),
  el("p", {}, one.summary), el("p", { class: "mut s" }, [one.by, moment(one.at, new Date())].join(" · "))] : emptyLine(_("还没有评估")), button);
}

function lessonForm() {
  const day = new Date(Date.now() + 30 * 86400e3);
  place(form({ title: _("写一条教训"), fields: [text("text", _("教训"), { most: 1000, rows: 2 }), line("owner", _("谁负责"), { most: 80 }),
    line("due_on", _("到哪天"), { type: "date", value: dateOf(day) })], go: _("存下"), close, done: load, send: (values) => post(`${address}/lessons`, values) }));
}

const PROPOSALS = { proposed: "已提给模板", taken: "模板已采纳", declined: "模板没采纳" };

function lessonRow(one) {
  const went = one.template_version && _("写进了 {key} 第 {n} 版", { key: one.template, n: one.template_version });
  const step = (verb, label) => el("button", { type: "button", class: "btn", onclick: () => send(`/api/lessons/${one.id}/steps`, { verb }) }, label);
  return el("tr", { class: one.done_at ? "done" : "" }, el("td", {}, one.text), el("td", {}, one.owner), el("td", { class: "num nw" }, one.due_on),
    el("td", {}, one.done_at ? _("办完 {time}", { time: moment(one.done_at, new Date()) }) : step("done", _("办完了")), " ",
      went ? el("a", { href: "/plan-templates" }, went) : one.proposal && el("span", { class: "chip" }, _(PROPOSALS[one.proposal])),
      !one.proposal && !may("plan.approve") && step("propose", _("提给预案模板")),
      one.proposal !== "taken" && may("plan.approve") && el("a", { class: "btn", href: `/plan-templates?lesson=${one.id}` }, _("写进模板")),
      one.proposal === "proposed" && may("plan.approve") && [" ", step("decline", _("不采纳"))]));
}

function drawLessons() {
  replace(body("lessons"), review.lessons.length
    ? table(_("教训"), [[_("教训")], [_("谁负责")], [_("到哪天")], [_("做到哪步")]], review.lessons.map(lessonRow)) : emptyLine(_("还没有写教训")),
  el("p", { class: "row" }, el("button", { type: "button", class: "btn", onclick: lessonForm, disabled: Boolean(review.reviewed_at) }, _("写一条教训"))));
}

const counted = (found) => Object.entries(found).map(([name, n]) => `${_(TABLES[name] || name)} ${n_("{n} 行", n, { n: number(n) })}`).join(_("、")) || _("没有");

function holdForm() {
  place(form({ title: _("暂不销毁"), note: _("写明到哪天和为什么。到期后照常销毁。"), fields: [line("until", _("到哪天"), { type: "date", value: dateOf(new Date(Date.now() + 90 * 86400e3)) }), text("reason", _("原因"), { most: 1000, rows: 2 })],
    go: _("暂不销毁"), close, done: load, send: (values) => post(`/api/hazards/${review.hazard}/hold`, values) }));
}

function drawDestruction() {
  const one = review.destruction;
  if (!one) return;
  const holding = one.holds.some((each) => each.holds);
  replace(body("destruction"),
    one.destroyed_at ? el("p", {}, el("b", {}, _("{time} 已销毁", { time: moment(one.destroyed_at, new Date()) })), _("："), counted(one.gone))
      : el("p", {}, el("b", {}, one.due_on ? _("{day} 销毁", { day: one.due_on }) : _("应急没有结束，结束 {n} 天后销毁", { n: one.keep_days })), _("："), counted(one.rows)),
    el("p", { class: "mut s" }, _("应急期间取得的个人信息，结束 {n} 天后销毁，只留合计数。销毁留痕，只记行数。", { n: one.keep_days })),
    one.holds.map((each) => el("p", {}, el("span", { class: "chip line" }, each.holds ? _("留到 {day}", { day: each.until }) : _("已放开")), " ", [each.reason, each.by].filter(Boolean).join(" · "))),
    one.may_hold && el("p", { class: "row" }, el("button", { type: "button", class: "btn", onclick: holdForm }, _("暂不销毁")),
      holding && el("button", { type: "button", class: "btn", onclick: () => send(`/api/hazards/${review.hazard}/release`, {}) }, _("照常销毁"))));
}

function drawTimeline() {
  const found = [...new Set(review.timeline.map((one) => one.subject))];
  const button = (name, label) => el("button", { type: "button", class: shown === name ? "btn switch on" : "btn switch", "aria-pressed": String(shown === name), onclick: () => {
    shown = name;
    drawTimeline();
  } }, label);
  const rows = review.timeline.filter((one) => !shown || one.subject === shown);
  const n = (subject) => review.timeline.filter((one) => one.subject === subject).length;
  replace(body("timeline"),
    el("div", { class: "filters" }, button(null, _("全部 {n}", { n: review.timeline.length })), found.map((name) => button(name, `${_(SUBJECTS[name] || name)} ${n(name)}`))),
    !review.complete && el("p", { class: "mut s" }, _("只列最早的 {n} 条，其余在留痕里", { n: review.timeline.length })),
    el("ol", { class: "log-list" }, rows.map((one) => el("li", {}, el("span", { class: "num mut" }, moment(one.at, new Date(review.started_at))),
      el("span", {}, el("b", {}, data.events[one.kind] || one.kind), " ", el("span", { class: "mut s" }, [one.by, _("编号 {n}", { n: one.subject_id })].filter(Boolean).join(" · ")))))));
}

function draw() {
  drawFigures();
  drawEvaluation();
  drawLessons();
  drawDestruction();
  drawTimeline();
}

byId("close").addEventListener("click", async () => {
  await send(`${address}/after/close`, {});
  if (review.reviewed_at) location.reload();
});
draw();
