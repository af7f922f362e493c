// Incidents that have not ended, or all of them: the newest first, page by page, each with the grid
// that is around it today or was on a day.
import { toast } from "./common.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { emptyLine, Panel } from "../core/panels.js";
import { Seldom } from "../core/seldom.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { dayOf } from "../planner/steps.js";
import { addressOf, AsOf, dayOfAddress, keepInAddress } from "./as_of.js";

const PAGE = 100;
const EVERY = 2000; // ms from one reload to the next, however much happens meanwhile
const MOST = 5000; // what the server gives at once
const OPEN = "open";
const STATES = ["reported", "verified", "assigned", "handling", "resolved", "closed", "evaluated", "dismissed", "merged", "objected"];

const panel = new Panel(byId("panel-incidents"));
const live = new Live([panel]);
live.fresh(panel);
const state = { items: [], next: null, wanted: PAGE, round: 0 };
const form = byId("as-of");
const today = () => dayOf(new Date(), form.dataset.zone);
const label = (code) => (code ? `${code.slice(9, 12)}-${code.slice(12)}` : _("网格外"));

function row(p) {
  return el("tr", {},
    el("td", {}, severityGlyph(levelOf(p.level), String(p.number).slice(-3), 32), el("span", { class: "sr" }, terms.colourName(levelOf(p.level)))),
    el("th", { scope: "row" }, el("span", { class: "strong" }, p.title || terms.category(p.category)),
      el("span", { class: "mut under" }, `${p.number} · ${terms.category(p.category)}`)),
    el("td", { class: "nw" }, terms.incidentState(p.state), p.assignee && el("span", { class: "mut under" }, p.assignee.name)),
    el("td", { class: "nw num" }, label(p.grid_then),
      p.grid !== p.grid_then && el("span", { class: "mut under" }, _("报来时 {grid}", { grid: label(p.grid) })),
      p.special_grid && el("span", { class: "mut under" }, p.special_grid)),
    el("td", { class: "nw num" }, moment(p.reported_at, live.feed.serverNow())));
}

function draw() {
  const { items, next } = state;
  const n = number(items.length);
  byId("count").textContent = next ? _("前 {n} 件", { n }) : n_("{n} 件", items.length, { n });
  byId("more-box").hidden = !next;
  if (!items.length) {
    panel.show(emptyLine(_("没有事件。换个网格、状态或日子再看")));
    return;
  }
  const heads = [_("等级"), _("事件"), _("状态"), asOf.day ? _("{day} 的网格", { day: asOf.day }) : _("现在的网格"), _("报来")];
  panel.show(el("div", { class: "sideways", tabindex: 0, role: "region", "aria-labelledby": "incidents-title" }, el("table", { class: "list" },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, items.map(row)))));
}

/** What is asked for: what was reported after the day that is shown was not there yet. */
function question() {
  const asked = new URLSearchParams({ as_of: asOf.day || today(), sort: "newest" });
  if (asOf.day) asked.set("until", asOf.day);
  if (byId("grid").value) asked.set("area", byId("grid").value);
  if (byId("state").value) asked.set("state", byId("state").value);
  return asked;
}

async function fetchRows(more) {
  const { round, next } = state;
  const asked = question();
  if (more) asked.set("cursor", next);
  asked.set("limit", more ? PAGE : Math.min(state.wanted, MOST));
  try {
    const answer = await get(`/api/incidents?${asked}`);
    if (round !== state.round) return; // A newer question has been asked meanwhile.
    const items = answer.features.map(({ properties }) => properties);
    state.items = more ? [...state.items, ...items] : items;
    state.next = answer.next && new URL(answer.next, location.href).searchParams.get("cursor");
    draw();
  } catch (error) {
    if (round === state.round) panel.fail(error, load);
  }
}

/** Ask for the rows that are shown, or for one more page of them. */
const rows = new Seldom(({ more = false } = {}) => {
  state.round += 1;
  const chosen = byId("state").value;
  keepInAddress({ grid: byId("grid").value, state: chosen === OPEN ? "" : chosen || "all", as_of: asOf.day });
  if (!state.items.length) panel.loading(8);
  return fetchRows(more);
}, EVERY);
const load = () => rows.now();

/** The grids of the day that is shown; the one that was chosen stays where it was there then. */
async function fillGrids() {
  const select = byId("grid");
  const wanted = select.value || new URLSearchParams(location.search).get("grid");
  const { features } = await get(addressOf("/api/grids", asOf.day));
  const grids = features.map(({ properties }) => properties).sort((a, b) => (a.code < b.code ? -1 : 1));
  replace(select, el("option", { value: "" }, _("全部")),
    grids.map(({ code, label: short, name }) => el("option", { value: code }, name ? `${short} ${name}` : short)));
  select.value = grids.some(({ code }) => code === wanted) ? wanted : "";
}

const asOf = new AsOf(form, async () => {
  await fillGrids().catch((error) => toast(error.detail || error.message));
  again();
}, "/api/grids", {
  band: byId("as-of-band"), day: dayOfAddress(),
  says: (then) => _("{day} 为止报来的事件，网格是那天的，状态是现在的", { day: then }),
});

function again() {
  state.wanted = PAGE;
  load();
}

byId("state").append(...STATES.map((name) => el("option", { value: name }, terms.incidentState(name))));
const wantedState = new URLSearchParams(location.search).get("state") || OPEN;
byId("state").value = wantedState === "all" ? "" : wantedState;
if (byId("state").selectedIndex < 0) byId("state").value = OPEN;
byId("find").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["grid", "state"]) byId(id).addEventListener("change", again);
byId("more").addEventListener("click", () => {
  state.wanted = state.items.length + PAGE;
  rows.now({ more: true });
});
live.feed.addEventListener("change", ({ detail }) => {
  if (["incident", "grid", "grids"].includes(detail.subject)) rows.soon();
});
live.feed.addEventListener("resumed", () => rows.soon());
live.start();
asOf.show();
asOf.load();
fillGrids().catch((error) => toast(error.detail || error.message)).finally(load);
