// The board of a plan in force: grids, who is missing, shelters, who has no place, what went out.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { Live } from "../core/live.js";
import { may, page } from "../core/page.js";
import { Panel } from "../core/panels.js";
import { Seldom } from "../core/seldom.js";
import { _, n_ } from "../core/words.js";
import { drawGrids } from "../board/grids.js";
import { drawMessages } from "../board/messages.js";
import { drawMissing } from "../board/missing.js";
import { drawReturn } from "../board/return.js";
import { openSearch } from "../board/search.js";
import { drawShelters, drawUnserved } from "../board/shelters.js";
import { STEP } from "../board/rest.js";
import { bare, said } from "../roll_call/moves.js";
import { toast } from "../field/toast.js";

const EVERY = 800; // ms from one reload to the next, however much happens meanwhile
const SLOW = 5000;
const SUBJECTS = ["call_out", "shelter", "plan", "hazard", "return", "message", "facility"];

const panels = Object.fromEntries(["grids", "missing", "shelters", "unserved", "messages"]
  .filter((name) => document.getElementById(`panel-${name}`))
  .map((name) => [name, new Panel(byId(`panel-${name}`))]));
const live = new Live(Object.values(panels));
for (const name of ["grids", "missing", "shelters"]) live.fresh(panels[name]);
const now = () => live.feed.serverNow();
const state = { board: null, messages: null, back: null, grid: null, open: null, most: { missing: STEP, unserved: STEP } };
const address = (plan, ...parts) => ["/api/plans", plan, ...parts].map((part, i) => (i ? encodeURIComponent(part) : part)).join("/");

function fail(error) {
  toast(error.status === 0 ? _("没连上服务器") : error.detail || error.message);
}

/** Note a step at the desk; it can be taken back for ten seconds. */
async function note(item, step) {
  const id = crypto.randomUUID();
  try {
    await post(address(item.plan, "call-outs", item.household, "steps"), { id, at: new Date(now()).toISOString(), ...bare(step) });
  } catch (error) {
    fail(error);
    return;
  }
  const back = step.kind === "undone" ? null : () => note(item, { kind: "undone", undoes: id });
  toast(said(item, step), back);
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

async function say(shelter, body) {
  try {
    await post(address(state.board.plan.id, "shelters", shelter.id), body);
    toast(_("记下了：{name}", { name: shelter.name }));
    rows.now();
  } catch (error) {
    fail(error);
  }
}

function choose(grid) {
  state.grid = state.grid === grid ? null : grid;
  state.most = { missing: STEP, unserved: STEP };
  rows.now();
}

/** The next rows of a list; the hand stays where it was, on the first of them. */
function further(name) {
  const before = state.most[name];
  state.most = { ...state.most, [name]: before + STEP };
  draw();
  const row = panels[name].body.querySelectorAll("li")[before];
  (row?.querySelector("button, a") || panels[name].body).focus();
}

const on = { note, named, say, choose, further, redraw: () => draw(), open: (item) => {
  state.open = item && state.open !== item.household ? item.household : null;
  draw();
} };

function draw() {
  const { board } = state;
  const { plan, totals } = board;
  byId("board-title").textContent = _("叫应 · {name}", { name: plan.name });
  byId("board-note").textContent = [
    n_("{n} 户", totals.households, { n: number(totals.households) }), n_("{n} 人", totals.people, { n: number(totals.people) }),
    totals.help && n_("{n} 户要帮手", totals.help), totals.climbed && n_("{n} 户已上报", totals.climbed),
    plan.asked !== plan.id && _("原预案 {number} 已被替代", { number: plan.asked }),
  ].filter(Boolean).join(" · ");
  drawGrids(panels.grids, board, { ...on, now: now(), grid: state.grid });
  drawMissing(panels.missing, board, { ...on, now: now(), grid: state.grid, most: state.most, chosen: state.open });
  drawShelters(panels.shelters, board, { ...on, now: now() });
  drawUnserved(panels.unserved, board, { ...on, grid: state.grid, most: state.most });
  if (panels.messages && state.messages) drawMessages(panels.messages, state.messages, now());
  if (state.back) drawReturn(byId("board-return"), state.back, { again: () => rows.now(), fail, now: now() });
}

/** What a person writes is not swept away by news; it is drawn when they are done. */
function writing() {
  return document.activeElement?.matches("#main input, #main textarea, #main select");
}

async function load() {
  const part = state.grid ? `?grid=${state.grid}` : "";
  try {
    const [board, messages, back] = await Promise.all([
      get(address(page.plan, "board") + part),
      may("incident.dispatch") ? get(`/api/messages?about=plan:${page.plan}&limit=50`) : null,
      get(address(page.plan, "return")),
    ]);
    Object.assign(state, { board, messages, back });
    if (!writing()) draw();
  } catch (error) {
    panels.grids.fail(error, () => rows.now());
  }
}

const rows = new Seldom(load, EVERY);
document.addEventListener("focusout", () => setTimeout(() => state.board && !writing() && draw()));
live.feed.addEventListener("change", ({ detail }) => SUBJECTS.includes(detail.subject) && rows.soon());
for (const name of ["ready", "resumed"]) live.feed.addEventListener(name, () => rows.soon());
setInterval(() => state.board && !writing() && draw(), SLOW); // Waiting times go on by themselves.
for (const panel of Object.values(panels)) panel.loading(4);
replace(byId("board-return"), el("span", {}));
openSearch(now, fail);
live.start();
rows.now();
