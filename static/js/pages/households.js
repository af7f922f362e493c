// The households of a grid: by address, need, or without a place. Surnames only, page by page.
import { toast } from "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { dateOf, number } from "../core/format.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { addressOf, AsOf, dayOfAddress, keepInAddress } from "./as_of.js";
import { day, needWords, seen } from "./household_words.js";

const panel = new Panel(byId("panel-households"));
const live = new Live([panel]);
live.fresh(panel);
const state = { items: [], next: null, total: 0, round: 0 };

function address() {
  const asked = new URLSearchParams();
  const held = { grid: byId("grid").value, q: byId("q").value.trim(), needs: byId("need").value };
  for (const [name, value] of Object.entries(held)) if (value) asked.set(name, value);
  if (byId("unplaced").checked) asked.set("unplaced", "yes");
  if (asOf.day) asked.set("as_of", asOf.day);
  return asked;
}

const label = (code) => `${code.slice(9, 12)}-${code.slice(12)}`;

/** The grid of a household: of the day that is shown, and today's where that is another. */
function gridOf(one) {
  if (!asOf.day) return one.grid ? label(one.grid) : el("span", { class: "boxed" }, _("待落位"));
  const then = one.grid_then ? label(one.grid_then) : _("那天没有网格");
  return [then, one.grid && one.grid !== one.grid_then && el("span", { class: "mut under" }, _("现在 {grid}", { grid: label(one.grid) }))];
}

function row(one) {
  const needs = needWords(one.needs);
  const late = one.due_on && one.due_on <= dateOf(new Date());
  return el("tr", {},
    el("th", { scope: "row" }, el("a", { class: "row-link", href: `/households/${encodeURIComponent(one.id)}` }, one.address)),
    el("td", { class: "nw" }, gridOf(one)),
    el("td", { class: "nw" }, one.householder || "–", one.phone && el("a", { class: "phone", href: `tel:${one.phone}` }, one.phone)),
    el("td", { class: "n" }, number(one.people)),
    one.needs === null ? el("td", { class: "mut" }, _("不给看")) : el("td", {}, needs.length ? el("span", { class: "chips" }, needs.map((word) => el("b", { class: "boxed" }, word))) : "–"),
    el("td", { class: "nw" }, one.last_visit ? seen(one.last_visit) : "–"),
    el("td", { class: "nw" }, one.due_on ? el(late ? "b" : "span", {}, day(one.due_on)) : "–"));
}

function draw() {
  byId("count").textContent = n_("{n} 户", state.total, { n: number(state.total) });
  byId("more-box").hidden = state.next === null;
  if (!state.items.length) {
    panel.show(emptyLine(_("没有找到。换个网格或地址再找")));
    return;
  }
  const heads = [_("地址"), asOf.day ? _("{day} 的网格", { day: asOf.day }) : _("网格"), _("户主"), _("人数"), _("需要照顾"), _("上次走访"), _("下次走访")];
  panel.show(el("div", { class: "sideways", tabindex: 0, role: "region", "aria-labelledby": "households-title" }, el("table", { class: "list" },
    el("thead", {}, el("tr", {}, heads.map((head, at) => el("th", { scope: "col", class: at === 3 ? "n" : null }, head)))),
    el("tbody", {}, state.items.map(row)))));
}

async function load({ more = false } = {}) {
  state.round += 1;
  const { round } = state;
  const asked = address();
  keepInAddress({ grid: byId("grid").value, as_of: asOf.day });
  if (more) asked.set("cursor", state.next);
  if (!more) panel.loading(8);
  try {
    const answer = await get(`/api/households/list?${asked}`);
    if (round !== state.round) return; // A newer question has been asked meanwhile.
    state.items = more ? [...state.items, ...answer.items] : answer.items;
    Object.assign(state, { next: answer.next, total: answer.total });
    draw();
  } catch (error) {
    if (round === state.round) panel.fail(error, () => load());
  }
}

/** The grids of the day that is shown; the one that was chosen stays where it was there then. */
async function fillGrids() {
  const select = byId("grid");
  const wanted = select.value || new URLSearchParams(location.search).get("grid");
  const answer = await get(addressOf("/api/grids", asOf.day));
  replace(select, el("option", { value: "" }, _("全部")));
  const codes = answer.features.map(({ properties }) => properties).sort((a, b) => (a.code < b.code ? -1 : 1));
  for (const { code, label: short, name } of codes) select.append(el("option", { value: code }, name ? `${short} ${name}` : short));
  select.value = codes.some(({ code }) => code === wanted) ? wanted : "";
}

async function fillNeeds() {
  const { rules } = await get("/api/visit-rules");
  const kinds = [...new Set(rules.map(({ need }) => need))];
  for (const kind of kinds) byId("need").append(el("option", { value: kind }, terms.need(kind)));
}

async function fillGlass() {
  const [hazards, communities] = await Promise.all([get("/api/hazards"), get("/api/areas?level=community")]);
  replace(byId("glass-hazard"), hazards.features.map(({ properties: p }) => el("option", { value: p.id }, p.name)));
  const places = communities.features.map(({ properties: p }) => el("option", { value: p.code }, p.name));
  replace(byId("glass-area"), places);
  const said = byId("glass-said");
  said.hidden = hazards.features.length > 0;
  if (!said.hidden) said.textContent = _("没有宣布的险情。没有险情不能打开");
}

function glass() {
  const sheet = byId("glass");
  byId("open-glass").addEventListener("click", async () => {
    byId("glass-said").hidden = true;
    sheet.showModal();
    byId("glass-no").focus();
    try {
      await fillGlass();
    } catch (error) {
      byId("glass-said").hidden = false;
      byId("glass-said").textContent = error.detail || error.message;
    }
  });
  byId("glass-no").addEventListener("click", () => sheet.close());
  byId("glass-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { hazard: Number(byId("glass-hazard").value), area: byId("glass-area").value, reason: byId("glass-reason").value };
    try {
      await post("/api/households/break-glass", body);
      location.reload();
    } catch (error) {
      byId("glass-said").hidden = false;
      byId("glass-said").textContent = error.detail || error.message;
    }
  });
}

const asOf = new AsOf(byId("as-of"), async () => {
  await fillGrids().catch((error) => toast(error.detail || error.message));
  load();
}, "/api/grids", {
  band: byId("as-of-band"), day: dayOfAddress(),
  says: (then) => _("网格是 {day} 那天的，其他情况是现在的", { day: then }),
});
asOf.show();
asOf.load();

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
for (const id of ["grid", "need", "unplaced"]) byId(id).addEventListener("change", () => load());
byId("more").addEventListener("click", () => load({ more: true }));
byId("need-box").hidden = !(may("household.personal") || document.getElementById("glass-banner"));
if (document.getElementById("open-glass")) glass();
live.feed.addEventListener("change", ({ detail }) => {
  if (["household.changed", "household.placed", "visit.done"].includes(detail.kind)) load();
});
live.start();
Promise.all([fillGrids(), byId("need-box").hidden ? null : fillNeeds()])
  .catch((error) => toast(error.detail || error.message))
  .finally(() => load());
