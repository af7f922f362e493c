// Two drawings of the grids side by side, and their difference: chosen by address, told in a table.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { Live } from "../core/live.js";
import { may } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import { _, n_ } from "../core/words.js";
import { hook, MapView } from "../map/view.js";
import {
  ComparedGrids, ComparedSpecial, gridsTable, householdsTable, membersTable, movesTable, PieceLayer, pieces, sideWords, specialDifference, specialTable, summaryWords,
} from "../planner/difference.js";
import { refusal } from "../planner/refusals.js";
import { dayOf } from "../planner/steps.js";
import { SecondMap } from "../planner/twin_maps.js";

const IN_FORCE = "in-force";
const main = byId("main");
const panel = new Panel(byId("panel-compare"));
const live = new Live([panel]);
live.fresh(panel);
const form = byId("sides");
const [a, b, day] = [form.elements.a, form.elements.b, form.elements.day];
const first = new MapView(document.querySelector(".one .mapbox"), { filled: true });
const second = new SecondMap(byId("second-map"), first, _("方案的网格图"));
const before = first.overlay.add(new ComparedGrids(hook("grids")));
const after = second.overlay.add(new ComparedGrids(L.layerGroup().addTo(second.map)));
const over = {
  before: first.overlay.add(new ComparedSpecial(hook("special_grids"))),
  after: second.overlay.add(new ComparedSpecial(L.layerGroup().addTo(second.map))),
};
const moved = first.overlay.add(new PieceLayer(L.layerGroup()));
let found = null;
let at = -1;
let asked = 0;
let listed = ""; // the two sides whose households are being shown

function apiAddress(end = "") {
  return `/api/scenarios/${encodeURIComponent(a.value)}/compare${end}?with=${encodeURIComponent(withWhat())}`;
}

function withWhat() {
  return b.value === "day" ? day.value : b.value;
}

function sides() {
  return `${a.value} ${withWhat()}`;
}

function show(mode) {
  main.dataset.mode = mode;
  for (const button of document.querySelectorAll("[data-show]")) {
    const on = button.dataset.show === mode;
    button.classList.toggle("on", on);
    button.setAttribute("aria-pressed", String(on));
  }
  const difference = mode === "difference";
  const [middle, zoom] = [first.map.getCenter(), first.map.getZoom()];
  moved.group[difference ? "addTo" : "removeFrom"](first.map);
  draw();
  first.map.invalidateSize({ pan: false });
  second.map.invalidateSize({ pan: false });
  first.map.setView(middle, zoom, { animate: false }); // The middle stays where the room changes.
  first.overlay.redraw();
}

function draw() {
  if (!found) return;
  const difference = main.dataset.mode === "difference";
  // On the difference map the new drawing lies under what has moved.
  before.setData(difference ? plain(found.after_grids) : found.before_grids);
  after.setData(found.after_grids);
  over.before.setData(difference ? specialDifference(found) : found.before_special);
  over.after.setData(found.after_special);
  byId("words-b").textContent = difference
    ? _("差别：{before} → {after}", { before: sideWords(found.before), after: sideWords(found.after) })
    : sideWords(found.before);
  byId("words-a").textContent = sideWords(found.after);
}

/** Grids without a colour: the ground that moves has it. */
function plain(collection) {
  return { ...collection, features: collection.features.map((one) => ({ ...one, properties: { ...one.properties, status: "unchanged" } })) };
}

function choosePiece(move) {
  at = found.moves.indexOf(move);
  const piece = moved.find(String(move.piece));
  show("difference");
  if (piece) first.goTo(...piece.props.label_point, 17);
  first.select("piece", String(move.piece));
  first.say(_("{source} 到 {target}：{n} 户 {people} 人", {
    source: move.source || "–", target: move.target || "–", n: number(move.households), people: number(move.people),
  }));
  for (const row of panel.body.querySelectorAll("tr[data-piece]")) row.classList.toggle("sel", row.dataset.piece === String(move.piece));
}

function chooseGrid(row) {
  const grid = after.find(String(row.key)) || before.find(String(row.key));
  if (grid) first.goTo(...grid.props.label_point, 16);
  first.select("grid", String(row.key));
  second.overlay.select({ layer: "grid", id: String(row.key) });
}

/** A special grid is in one of the two drawings, or in both. */
function chooseSpecial({ key }) {
  const grid = over.after.find(key) || over.before.find(key);
  if (grid) first.goTo(...grid.props.label_point, 16);
  first.select("special", key);
  second.overlay.select({ layer: "special", id: key });
}

function table() {
  const people = el("div", { id: "people" });
  panel.show(el("div", { class: "compare-tables" },
    !found.moves.length && !found.special.length && !found.grids.some(({ status }) => status !== "unchanged") && emptyLine(_("两边一样，没有差别")),
    found.moves.length > 0 && [el("h3", {}, _("去向")), movesTable(found.moves, choosePiece)],
    found.grids.some(({ status }) => status !== "unchanged") && [el("h3", {}, _("改了的网格")), gridsTable(found.grids, chooseGrid)],
    found.special.length > 0 && [el("h3", {}, _("专属网格")), specialTable(found.special, chooseSpecial)],
    found.members.length > 0 && [el("h3", {}, _("受影响的网格员")), membersTable(found.members)],
    found.totals.households > 0 && may("household.view") && [
      el("h3", {}, _("换网格的住户")),
      el("button", { type: "button", id: "show-people", class: "btn", onclick: list }, n_("看 {n} 户", found.totals.households, { n: found.totals.households })),
      people,
      may("export.request") && wish(),
    ]));
}

/** A file of people is asked for with a reason, and a second person decides. */
function wish() {
  const said = el("p", { class: "s", role: "status" });
  const reason = el("input", { name: "reason", class: "field", required: true, minlength: 10, maxlength: 500, autocomplete: "off" });
  return el("form", { class: "wish", onsubmit: async (event) => {
    event.preventDefault();
    try {
      await post(apiAddress("/exports").split("?")[0], { other: withWhat(), reason: reason.value.trim() });
      replace(said, _("已申请，等第二个人同意。"), " ", el("a", { href: "/exports" }, _("看导出")));
      reason.value = "";
    } catch (error) {
      said.textContent = refusal(error);
    }
  } }, el("label", {}, _("要名单文件，写明为什么"), reason), el("button", { class: "btn" }, _("申请导出")), said);
}

async function list() {
  listed = sides();
  try {
    const { items, total } = await get(apiAddress("/households"));
    byId("show-people").hidden = true;
    // The tables may have been drawn again while the answer was on its way.
    replace(byId("people"), householdsTable(items), total > items.length && el("p", { class: "mut s" }, _("只列前 {n} 户", { n: items.length })));
  } catch (error) {
    replace(byId("people"), el("p", { role: "alert" }, refusal(error)));
  }
}

async function load() {
  day.hidden = b.value !== "day";
  if (!a.value || !withWhat()) return;
  asked += 1;
  const turn = asked;
  history.replaceState(null, "", `?a=${encodeURIComponent(a.value)}&b=${encodeURIComponent(withWhat())}`);
  panel.loading(6);
  byId("summary").textContent = _("正在比较");
  try {
    const answer = await get(apiAddress());
    if (turn !== asked) return; // Another pair was chosen meanwhile.
    found = answer;
  } catch (error) {
    if (turn !== asked) return;
    byId("summary").textContent = refusal(error);
    panel.fail(error, load);
    return;
  }
  at = -1;
  moved.setData(pieces(found.pieces));
  byId("summary").textContent = summaryWords(found);
  byId("next-move").disabled = !found.moves.length;
  byId("export").hidden = false;
  byId("export").href = apiAddress(".xlsx");
  draw();
  table();
  if (listed === sides() && found.totals.households > 0) list(); // Somebody's change closes no opened list.
  fit();
  main.dataset.ready = sides();
}

/** Go to what differs, or to everything when nothing does. */
function fit() {
  const touched = [...found.before_special.features, ...found.after_special.features].filter(({ properties }) => properties.status !== "unchanged");
  const differing = [...found.pieces.features, ...touched];
  const shapes = differing.length ? differing : found.after_grids;
  const bounds = L.geoJSON(shapes).getBounds();
  if (bounds.isValid()) first.fit([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], 17);
}

async function begin() {
  const given = new URLSearchParams(location.search);
  const { items } = await get("/api/scenarios");
  if (!items.length) {
    panel.show(emptyLine(_("还没有方案。先在方案列表里新建一个")));
    return;
  }
  const options = () => items.map(({ id, name }) => el("option", { value: String(id) }, `${id} · ${name}`));
  replace(a, options());
  replace(b, el("option", { value: IN_FORCE }, _("现行网格")), el("option", { value: "day" }, _("某一天的网格")), options());
  const wanted = given.get("b") || IN_FORCE;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(wanted);
  day.max = dayOf(new Date(), day.dataset.zone);
  day.value = isDay ? wanted : day.max;
  a.value = items.some(({ id }) => String(id) === given.get("a")) ? given.get("a") : String(items[0].id);
  b.value = isDay ? "day" : wanted;
  if (!b.value) b.value = IN_FORCE;
  await load();
}

function next() {
  if (!found?.moves.length) return;
  choosePiece(found.moves[(at + 1) % found.moves.length]);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", load);
byId("next-move").addEventListener("click", next);
for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => show(button.dataset.show));
document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "n") next();
  if (key === "d") show(main.dataset.mode === "difference" ? "beside" : "difference");
});
first.onchoose((hit) => {
  if (hit?.layer === "piece") choosePiece(found.moves[Number(hit.id)]);
  else first.select(hit?.layer, hit?.id);
});
live.feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "scenario" && String(detail.id) === a.value) load();
});
live.start();
begin().catch((error) => panel.fail(error, begin));
