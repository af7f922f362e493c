// All incidents, closed ones too: the newest first, each with the grid that is around it today or was on a day.
import { toast } from "./common.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { dateOf, moment, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { emptyLine, Panel } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { severityGlyph } from "../map/symbols.js";
import { dayOf } from "../planner/steps.js";
import { addressOf, AsOf, dayOfAddress, keepInAddress } from "./as_of.js";

const PAGE = 100;
const STATES = ["reported", "verified", "assigned", "handling", "resolved", "closed", "dismissed", "merged", "objected"];

const panel = new Panel(byId("panel-incidents"));
const live = new Live([panel]);
live.fresh(panel);
const state = { items: [], shown: PAGE, round: 0 };
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
  const { items, shown } = state;
  byId("count").textContent = n_("{n} 件", items.length, { n: number(items.length) });
  byId("more-box").hidden = items.length <= shown;
  if (!items.length) {
    panel.show(emptyLine(_("没有事件。换个网格、状态或日子再看")));
    return;
  }
  const heads = [_("等级"), _("事件"), _("状态"), asOf.day ? _("{day} 的网格", { day: asOf.day }) : _("现在的网格"), _("报来")];
  panel.show(el("div", { class: "sideways", tabindex: 0, role: "region", "aria-labelledby": "incidents-title" }, el("table", { class: "list" },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, items.slice(0, shown).map(row)))));
}

/** Every page of the list; what was reported after the day that is shown was not there yet. */
async function all(address) {
  const found = [];
  for (let next = address; next;) {
    const answer = await get(next);
    found.push(...answer.features.map(({ properties }) => properties));
    ({ next } = answer);
  }
  return found.filter((p) => !asOf.day || dateOf(p.reported_at) <= asOf.day)
    .sort((one, other) => (one.reported_at < other.reported_at ? 1 : -1));
}

async function load() {
  state.round += 1;
  const { round } = state;
  const asked = new URLSearchParams({ as_of: asOf.day || today() });
  if (byId("grid").value) asked.set("area", byId("grid").value);
  if (byId("state").value) asked.set("state", byId("state").value);
  keepInAddress({ grid: byId("grid").value, state: byId("state").value, as_of: asOf.day });
  if (!state.items.length) panel.loading(8);
  try {
    const items = await all(`/api/incidents?${asked}`);
    if (round !== state.round) return; // A newer question has been asked meanwhile.
    state.items = items;
    draw();
  } catch (error) {
    if (round === state.round) panel.fail(error, load);
  }
}

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
  state.shown = PAGE;
  load();
}

byId("state").append(...STATES.map((name) => el("option", { value: name }, terms.incidentState(name))));
byId("state").value = new URLSearchParams(location.search).get("state") || "";
if (byId("state").selectedIndex < 0) byId("state").value = "";
byId("find").addEventListener("submit", (event) => event.preventDefault());
for (const id of ["grid", "state"]) byId(id).addEventListener("change", again);
byId("more").addEventListener("click", () => {
  state.shown += PAGE;
  draw();
});
live.feed.addEventListener("change", ({ detail }) => {
  if (["incident", "grid", "grids"].includes(detail.subject)) load();
});
live.start();
asOf.show();
asOf.load();
fillGrids().catch((error) => toast(error.detail || error.message)).finally(load);
