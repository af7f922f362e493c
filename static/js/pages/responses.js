// Responses: one's own tasks, what is running, and the calls for departments.
import "./common.js";
import { get } from "../core/api.js";
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
import { drawDrills } from "../duty/drill_band.js";
import { severityGlyph } from "../map/symbols.js";
import { lines as calendarLines, read as readDrills } from "../responses/drills.js";
import { openStart } from "../responses/start.js";
import { taskCard, tickTasks } from "../responses/tasks.js";
import { openBlow, whistleCard } from "../responses/whistles.js";

const panels = { mine: new Panel(byId("panel-mine")), responses: new Panel(byId("panel-responses")), whistles: new Panel(byId("panel-whistles")), drills: new Panel(byId("panel-drills")) };
const live = new Live(Object.values(panels));
Object.values(panels).forEach((panel) => live.fresh(panel));
const { feed } = live;
const box = byId("form-place");

function place(node) {
  replace(box, node);
  if (!node) return;
  box.scrollIntoView({ block: "start" });
  node.querySelector("select, input, textarea")?.focus();
}

/** A row of the list: the shape and word of the level, what it is about, how its tasks stand. */
function row(one) {
  const now = feed.serverNow();
  const drill = one.exercise && one.state === "open";
  return el("li", {}, el("a", { class: "resp", href: `/responses/${one.id}` },
    el("span", { class: "sign" }, drill || one.exercise ? el("b", { class: "drill-word" }, _("演练")) : severityGlyph(one.level, roman(one.level), 40),
      el("span", {}, one.exercise ? words.level(one.level) : terms.colourName(one.level))),
    el("span", {}, el("b", { class: "what" }, one.matter),
      el("span", { class: "mut s" }, el("br"), [words.level(one.level), words.kind(one.kind), one.area_name || one.area, _("{tier}指挥", { tier: words.tier(one.tier) }), one.leader].filter(Boolean).join(" · ")),
      el("span", { class: "mut s" }, el("br"), one.state === "open"
        ? _("{from} 启动，预期到 {to}", { from: moment(one.started_at, now), to: moment(one.expected_until, now) })
        : _("{from} 启动，{to} 结束", { from: moment(one.started_at, now), to: moment(one.ended_at, now) }))),
    el("span", { class: "count" }, el("b", {}, `${one.tasks_done}/${one.tasks_all}`), el("br"), el("span", { class: "mut s" }, _("任务办完")),
      one.tasks_late > 0 && el("span", { class: "late-word" }, el("br"), _("{n} 项超时", { n: one.tasks_late })))));
}

async function loadResponses() {
  panels.responses.loading(4);
  try {
    const { items } = await get("/api/responses");
    await handGone();
    panels.responses.show(items.length ? el("ul", {}, items.map(row)) : emptyLine(_("没有响应。险情或预警来了，在这里启动")));
    drawDrills(byId("exercise-band"), items.filter((one) => one.state === "open").map((one) => ({ properties: { exercise: one.exercise, name: one.matter } })));
  } catch (error) {
    panels.responses.fail(error, loadResponses);
  }
}

async function loadMine() {
  panels.mine.loading(2);
  try {
    const tasks = await get("/api/tasks");
    await handGone();
    const card = (task) => taskCard({ ...task, steps: task.steps.filter((verb) => verb !== "assign") }, { now: feed.serverNow(), place, again, response: true });
    panels.mine.show(tasks.length ? el("div", { class: "cards" }, tasks.map(card)) : emptyLine(_("没有派给您的任务")));
  } catch (error) {
    panels.mine.fail(error, loadMine);
  }
}

async function loadWhistles() {
  panels.whistles.loading(2);
  try {
    const found = await get("/api/whistles");
    await handGone();
    const context = { now: feed.serverNow(), place, again };
    panels.whistles.show(found.length ? el("ul", {}, found.map((one) => whistleCard(one, context))) : emptyLine(_("没有人吹哨")));
  } catch (error) {
    panels.whistles.fail(error, loadWhistles);
  }
}

/** Drills that are overdue or under way, with the way to their calendar; the rest is there. */
async function loadDrills() {
  const section = byId("panel-drills");
  try {
    const found = await readDrills();
    const open = found.items.filter((one) => ["overdue", "running", "review"].includes(one.state));
    section.hidden = !open.length;
    panels.drills.show(...calendarLines(open.slice(0, 5), found.overdue));
  } catch (error) {
    section.hidden = false;
    panels.drills.fail(error, loadDrills);
  }
}

let soon = null;
let drillsToo = false;

/** Read the lists anew; the drills, which cost more, only where they may have changed. */
function load(drills = true) {
  drillsToo ||= drills;
  soon ||= setTimeout(() => {
    soon = null;
    loadResponses();
    loadMine();
    loadWhistles();
    if (drillsToo && may("plan.view")) loadDrills();
    drillsToo = false;
  }, 200);
}

const again = () => load();

document.getElementById("start")?.addEventListener("click", () => openStart(place, feed.serverNow()));
document.getElementById("blow")?.addEventListener("click", () => openBlow(place, again));
feed.addEventListener("ready", again);
feed.addEventListener("resumed", again);
feed.addEventListener("change", ({ detail }) => {
  if (["response", "task", "whistle", "hazard", "drill"].includes(detail.subject)) load(["response", "drill"].includes(detail.subject));
});
setInterval(() => tickTasks(document, feed.serverNow()), 1000);
live.start();
