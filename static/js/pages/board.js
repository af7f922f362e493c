// The board of a plan in force: grids, every household by where it stands, shelters, who has no place,
// what went out. Each part is fetched and fails by itself.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { free, handGone } from "../core/hand.js";
import { Live } from "../core/live.js";
import { page } from "../core/page.js";
import { errorLine, Panel } from "../core/panels.js";
import { Seldom } from "../core/seldom.js";
import { _, n_ } from "../core/words.js";
import { drawGrids } from "../board/grids.js";
import { drawSummary } from "../board/messages.js";
import { drawMissing, everybody, listOf, tickMissing } from "../board/missing.js";
import { drawReturn } from "../board/return.js";
import { openSearch } from "../board/search.js";
import { drawShelters, drawUnserved, openShelter, stateOf } from "../board/shelters.js";
import { STEP } from "../board/rest.js";
import { Stale } from "../board/stale.js";
import { bare, said } from "../roll_call/moves.js";
import { toast } from "../field/toast.js";

const EVERY = 800; // ms from one reload to the next, however much happens meanwhile
const SELDOM = 3000; // and of what changes less often
const SLOW = 5000;
const SUBJECTS = ["call_out", "shelter", "plan", "hazard", "return", "facility"];
const OVERTAKES = ["shelter", "plan", "hazard", "facility", "road", "household", "households", "vehicle", "data"];

const panels = Object.fromEntries(["grids", "missing", "shelters", "unserved", "messages"]
  .filter((name) => document.getElementById(`panel-${name}`))
  .map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live(Object.values(panels));
for (const name of ["grids", "missing", "shelters"]) live.fresh(panels[name]);
const now = () => live.feed.serverNow();
// `list` and `grid` are what a person wants to see; what is drawn is what the board has answered.
const state = { board: null, back: null, failed: null, grid: null, list: "unheard", open: null, asked: 0, shown: 0, most: { missing: STEP, unserved: STEP } };
const address = (plan, ...parts) => ["/api/plans", plan, ...parts].map((part, i) => (i ? encodeURIComponent(part) : part)).join("/");
const stale = new Stale(byId("board-plan"), { again: () => plans.now(), fail });

function fail(error) {
  toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
}

/** Note a step at the desk; it can be taken back for ten seconds, and changed where it is then. */
async function note(item, step) {
  const id = crypto.randomUUID();
  let receipt;
  try {
    receipt = await post(address(item.plan, "call-outs", item.household, "steps"), { id, at: new Date(now()).toISOString(), ...bare(step) });
  } catch (error) {
    fail(error);
    return;
  }
  const back = step.kind === "undone" ? null : () => note(item, { kind: "undone", undoes: id });
  toast(said(item, step), back, () => {
    Object.assign(state, { list: listOf({ ...receipt, place: step.place || item.place }), open: item.household });
    rows.now();
  });
  rows.now();
}

async function named(item, helper) {
  try {
    await post(address(item.plan, "call-outs", item.household, "helper"), { helper });
    toast(_("定了帮手：{name}", { name: helper }));
    rows.now();
  } catch (error) {
    fail(error);
  }
}

/** Note what is said of a shelter; a wrong press is put right from the toast. */
async function say(shelter, body) {
  try {
    await post(address(state.board.plan.id, "shelters", shelter.id), body);
  } catch (error) {
    fail(error);
    return;
  }
  document.activeElement?.blur(); // What was written is stored: news may be drawn again.
  toast(_("记下了：{name} {state}", { name: shelter.name, state: stateOf(body.state) }), null, () => openShelter(panels.shelters, shelter.id));
  rows.now();
}

function choose(grid) {
  state.grid = state.grid === grid ? null : grid;
  state.most = { missing: STEP, unserved: STEP };
  rows.now();
}

function show(list) {
  Object.assign(state, { list, open: null, most: { ...state.most, missing: STEP } });
  rows.now();
  draw();
}

/** The next rows of a list; the hand stays where it was, on the first of them. */
function further(name) {
  const before = state.most[name];
  state.most = { ...state.most, [name]: before + STEP };
  draw();
  const row = panels[name].body.querySelectorAll("li")[before];
  (row?.querySelector("button, a") || panels[name].body).focus();
}

const on = { note, named, say, choose, show, further, redraw: () => draw(), open: (item) => {
  state.open = item && state.open !== item.household ? item.household : null;
  draw();
} };

function head(board) {
  const { plan, totals } = board;
  byId("board-title").textContent = _("叫应 · {name}", { name: plan.name });
  byId("board-note").textContent = [
    n_("{n} 户", totals.households, { n: number(totals.households) }), n_("{n} 人", totals.people, { n: number(totals.people) }),
    totals.climbed && n_("{n} 户已上报", totals.climbed),
    !board.grid && everybody(board.lists) !== totals.households && _("各栏合计 {n} 户，正在对", { n: number(everybody(board.lists)) }),
    plan.asked !== plan.id && _("原预案 {number} 已被替代", { number: plan.asked }),
  ].filter(Boolean).join(" · ");
}

function draw() {
  const { board } = state;
  if (!board) return;
  const part = { ...on, now: now(), grid: board.grid, most: state.most };
  head(board);
  drawGrids(panels.grids, board, part);
  drawMissing(panels.missing, board, { ...part, list: board.list, wanted: state.failed ? null : state.list, chosen: state.open });
  drawShelters(panels.shelters, board, part);
  drawUnserved(panels.unserved, board, part);
  sayFailed();
  if (state.back) drawReturn(byId("board-return"), state.back, { again: () => rows.now(), fail, now: now() });
}

function sayFailed() {
  if (!state.failed) return;
  for (const name of ["grids", "missing", "shelters", "unserved"]) panels[name].fail(state.failed, () => rows.now());
}

/** What a person writes is not swept away by news; it is drawn when they are done. */
function writing() {
  return document.activeElement?.matches("#main input, #main textarea, #main select");
}

const news = free(() => {
  if (!writing()) draw(); // Asked when it is drawn: the hand may have gone into a field meanwhile.
});

/** The clock moves what is drawn; a button to try again stays under the hand. */
function redrawn() {
  if (!state.failed) news();
}

async function load() {
  await Promise.all([loadBoard(), loadReturn()]);
  news();
}

/** Of several answers under way, one that ends after a newer one, or is of another list, is thrown away. */
async function loadBoard() {
  const turn = ++state.asked;
  const asked = new URLSearchParams({ list: state.list, ...(state.grid && { grid: state.grid }) });
  try {
    const board = await get(`${address(page.plan, "board")}?${asked}`);
    if (turn < state.shown || board.list !== state.list || board.grid !== state.grid) return;
    Object.assign(state, { board, shown: turn, failed: null });
  } catch (error) {
    if (turn < state.asked) return;
    state.failed = error;
    sayFailed();
  }
}

async function loadReturn() {
  try {
    state.back = await get(address(page.plan, "return"));
  } catch (error) {
    state.back = null;
    const box = byId("board-return");
    if (!box.querySelector(".failed")) replace(box, errorLine(error, () => rows.now())); // The button stays under the hand.
  }
}

/** Whether the plan in force is still what the data say, and what has been made since. */
async function loadPlan() {
  try {
    const number_ = state.board?.plan.id || page.plan;
    const plan = await get(address(number_));
    await handGone();
    stale.draw(plan, state.board?.plan.newer);
  } catch (error) {
    stale.failed(error);
  }
}

async function loadMessages() {
  if (!panels.messages) return;
  try {
    const about = encodeURIComponent(`plan:${state.board?.plan.id || page.plan}`);
    const [summary, newest] = await Promise.all([get(`/api/messages/summary?about=${about}`), get(`/api/messages?about=${about}&limit=10`)]);
    await handGone();
    drawSummary(panels.messages, summary, newest, now());
  } catch (error) {
    panels.messages.fail(error, () => messages.now());
  }
}

const rows = new Seldom(load, EVERY);
const plans = new Seldom(async () => {
  await loadBoard();
  await loadPlan();
}, SELDOM);
const messages = new Seldom(loadMessages, SELDOM);
document.addEventListener("focusout", () => setTimeout(redrawn));
live.feed.addEventListener("change", ({ detail }) => {
  if (SUBJECTS.includes(detail.subject)) rows.soon();
  if (OVERTAKES.includes(detail.subject)) plans.soon();
  if (detail.subject === "message") messages.soon();
});
for (const name of ["ready", "resumed"]) live.feed.addEventListener(name, () => [rows, plans, messages].forEach((one) => one.soon()));
setInterval(redrawn, SLOW); // How long nobody has been heard from goes on by itself,
setInterval(() => state.board && tickMissing(panels.missing, now()), 1000); // and the five minutes every second.
for (const panel of Object.values(panels)) panel.loading(4);
replace(byId("board-return"), el("span", {}));
openSearch(now, fail);
live.start();
rows.now();
plans.now();
messages.now();
