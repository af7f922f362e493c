// Households whose address met no building: choose one, tap its building, confirm by the verb.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { PinLayer } from "../map/layers/pin.js";
import { hook, MapView } from "../map/view.js";
import { rowsOf } from "./coverage_panel.js";
import { toast } from "./common.js";

const urls = page.urls || {};
const mayPlace = may("household.place");

const panel = new Panel(byId("panel-unplaced"));
const live = new Live([panel]);
live.fresh(panel);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"));
const { overlay } = view;
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  grids: overlay.add(new GridLayer(hook("grids"))),
  households: overlay.add(new HouseholdLayer(hook("households"),
    urls.household_tiles || "/tiles/households/{z}/{x}/{y}.mvt", { from: 16 })),
  pin: overlay.add(new PinLayer()),
};
const state = { rows: [], chosen: null, place: null, building: null };

function reasonWords(reason) {
  return reason ? terms.unplacedReason(reason) : _("地址没对上楼");
}

function row(one) {
  const chosen = state.chosen?.id === one.id;
  return el("li", {}, el("button", {
    type: "button", class: chosen ? "u sel" : "u", "aria-pressed": String(chosen), "data-id": one.id,
    onclick: () => choose(one),
  }, el("span", { class: "grow" }, el("b", {}, one.address || _("没有地址")),
    el("span", { class: "mut s" }, [one.community, one.people && n_("{n} 人", one.people), reasonWords(one.reason)].filter(Boolean).join(" · ")))));
}

function draw() {
  byId("unplaced-count").textContent = n_("{n} 户", state.total ?? state.rows.length, { n: number(state.total ?? state.rows.length) });
  if (!state.rows.length) {
    panel.show(emptyLine(_("每户都有位置了")));
    return;
  }
  const top = panel.body.scrollTop;
  panel.show(el("ul", { class: "unit-list" }, state.rows.map(row)));
  panel.body.scrollTop = top;
}

function drawPlacing() {
  const box = byId("placing");
  box.hidden = !state.chosen;
  if (!state.chosen) return;
  const ready = Boolean(state.place);
  const where = !ready ? (mayPlace ? _("在地图上点它的楼") : _("你的角色不能落位"))
    : state.building ? _("落到：{name}", { name: state.building.address || state.building.name || _("这栋楼") })
      : _("这里没有楼，落到点上的位置");
  replace(box, el("p", {}, el("b", {}, state.chosen.address || _("没有地址")), el("br"), el("span", { class: "s", role: "status" }, where)),
    el("div", { class: "row" },
      el("button", { type: "button", class: "btn primary", disabled: !ready || !mayPlace, onclick: save }, _("落位")),
      el("button", { type: "button", class: "btn", onclick: () => choose(null) }, _("不落了"))));
}

function choose(one) {
  Object.assign(state, { chosen: one, place: null, building: null });
  layers.pin.put(null);
  draw();
  drawPlacing();
  if (one) panel.body.querySelector(`[data-id="${CSS.escape(String(one.id))}"]`)?.focus();
}

async function pick(lonlat) {
  if (!state.chosen || !mayPlace) return;
  state.place = lonlat;
  state.building = null;
  layers.pin.put(lonlat);
  try {
    const [lon, lat] = lonlat.map((value) => value.toFixed(6));
    const answer = await get(`${urls.building_at || "/api/buildings/at"}?lon=${lon}&lat=${lat}`);
    if (state.place === lonlat) state.building = answer.building;
  } catch {
    state.building = null; // The point itself is enough to place a household.
  }
  drawPlacing();
}

async function save() {
  const { chosen, place, building } = state;
  const body = building
    ? { building: building.id }
    : { geometry: { type: "Point", coordinates: place.map((value) => Number(value.toFixed(6))) } };
  try {
    await post(`${urls.households || "/api/households"}/${encodeURIComponent(chosen.id)}/place`, body);
    toast(_("已落位：{address}", { address: chosen.address || chosen.id }));
    state.rows = state.rows.filter(({ id }) => id !== chosen.id);
    if (state.total) state.total -= 1;
    choose(null);
    layers.households.setPattern(layers.households.pattern);
  } catch (error) {
    toast(_("没落成：{why}", { why: error.detail || error.message }));
  }
}

async function load() {
  panel.loading(6);
  try {
    const answer = await get(urls.unplaced || "/api/households/unplaced");
    const rows = rowsOf(answer, "households", "features", "items");
    state.rows = rows.map((one) => one.properties || one);
    state.total = answer.total ?? state.rows.length;
    draw();
  } catch (error) {
    panel.fail(error, load);
  }
}

view.onchoose((hit, lonlat) => pick(lonlat));
view.search((result) => view.say(result.title));
for (const name of Object.keys(nouns)) {
  nouns[name].addEventListener("change", () => layers[name].setData(nouns[name].collection));
}
follow(feed, { grid: [nouns.grids], grids: [nouns.grids], area: [nouns.communities] });
feed.addEventListener("ready", load);
feed.addEventListener("change", ({ detail }) => {
  if (["household", "households"].includes(detail.subject) && detail.kind !== "household.read") load();
});
live.start();
