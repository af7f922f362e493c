// A task with its time, its owner and what this person may do with it.
import { attempt, choice, form, text } from "./form.js";
import { toast } from "../pages/common.js";
import { post } from "../core/api.js";
import { el } from "../core/dom.js";
import { moment, timer } from "../core/format.js";
import * as words from "../core/response_words.js";
import { _ } from "../core/words.js";
import { serverButton } from "../duty/buttons.js";

const VERBS = {
  take: "接下", done: "办完了", approve: "认可", return: "退回再办", assign: "改派", escalate: "升级", hand_down: "交下级",
};

const going = (task) => task.state === "open" || task.state === "taken";

/** Seconds left, negative when late; null once it is done. */
export const left = (task, now) => (going(task) ? Math.round((new Date(task.due_at) - now) / 1000) : null);

function timeCell(task, now) {
  const seconds = left(task, now);
  if (seconds === null) return el("span", { class: "time mut s" }, task.done_at ? moment(task.done_at, now) : "");
  return el("span", { class: "time" }, el("b", { class: "num", "data-due": task.due_at }, timer(Math.abs(seconds))),
    el("span", {}, seconds < 0 ? _("超时") : _("还剩")));
}

async function send(task, body, again) {
  try {
    await post(`/api/tasks/${task.id}/steps`, body);
    toast(_("{what}：{title}", { what: _(VERBS[body.verb]), title: task.title }));
  } catch (error) {
    toast(_("没存上：{why}", { why: error.detail || error.message }));
  }
  again();
}

function noteForm(task, verb, place, again) {
  place(form({ title: _("{what}：{title}", { what: _(VERBS[verb]), title: task.title }),
    fields: [text("note", verb === "done" ? _("做了什么（可不填）") : _("原因"), { most: 1000, needed: verb !== "done", rows: 2 })],
    go: _(VERBS[verb]), close: () => place(null), done: again, send: ({ note }) => post(`/api/tasks/${task.id}/steps`, { verb, note }) }));
}

async function assignForm(task, place, choices, again) {
  const found = await attempt(place, choices);
  if (!found) return;
  const { people, teams } = found;
  const options = [[null, _("选一个")], ...teams.map((one) => [`team-${one.id}`, one.name]), ...people.map((one) => [`person-${one.id}`, one.name])];
  place(form({ title: _("{what}：{title}", { what: _(VERBS.assign), title: task.title }), fields: [choice("who", _("给谁"), options, null)],
    go: _(VERBS.assign), close: () => place(null), done: again, send: ({ who }) => {
      const [kind, id] = (who || "").split("-");
      return post(`/api/tasks/${task.id}/steps`, { verb: "assign", ...(kind ? { [kind]: Number(id) } : {}) });
    } }));
}

function people(task) {
  return [task.done_by || task.taken_by, task.approved_by && _("{who} 认可", { who: task.approved_by }),
    task.escalations > 0 && _("升过 {n} 级", { n: task.escalations })].filter(Boolean).join(" · ");
}

/** What this person most likely does next. */
const next = (task, verb) => verb === "take" || verb === "approve" || (verb === "done" && task.state === "taken");

/** One task; `place` puts a form where forms are, `choices` gives people and teams, `again` reads anew. */
export function taskCard(task, { now, place, choices, again, response = false }) {
  const late = (left(task, now) ?? 0) < 0;
  const button = (verb) => serverButton(_(VERBS[verb]), () => {
    if (verb === "assign") assignForm(task, place, choices, again);
    else if (["return", "escalate", "hand_down"].includes(verb) || (verb === "done" && task.approval)) noteForm(task, verb, place, again);
    else send(task, { verb }, again);
  }, { primary: task.mine && next(task, verb) });
  return el("article", { class: `task ${task.state}${late ? " late" : ""}${task.mine ? " mine" : ""}`, "data-id": task.id },
    el("div", { class: "task-top" }, el("span", {}, task.exercise && el("b", { class: "drill-word" }, _("演练")), " ",
      el("b", { class: "title" }, task.title)), timeCell(task, now)),
    el("p", { class: "mut s" }, [task.owner_name, task.owner, words.tier(task.tier),
      response && `${words.level(task.level)} ${task.matter}`].filter(Boolean).join(" · ")),
    el("p", {}, el("span", { class: task.mine ? "chip acc" : "chip" }, words.taskState(task.state)), " ",
      el("span", { class: "mut s" }, people(task))),
    task.note && el("p", { class: "s" }, task.note),
    task.steps.length > 0 && el("div", { class: "row" }, task.steps.map(button)));
}

/** Count every timer of the page on, and mark what has just run out. */
export function tickTasks(root, now) {
  for (const node of root.querySelectorAll("b[data-due]")) {
    const seconds = Math.round((new Date(node.dataset.due) - now) / 1000);
    node.textContent = timer(Math.abs(seconds));
    node.nextSibling.textContent = seconds < 0 ? _("超时") : _("还剩");
    node.closest(".task")?.classList.toggle("late", seconds < 0);
  }
}

