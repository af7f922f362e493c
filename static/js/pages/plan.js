// One plan: who goes where by which way, how full the shelters get, who cannot and why.
import "./common.js";
import { get, post } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { JobBar } from "../core/job.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { emptyLine, Panel } from "../core/panels.js";
import * as terms from "../core/terms.js";
import { _, n_ } from "../core/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { AssemblyLayer } from "../map/layers/assembly.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { FacilityLayer } from "../map/layers/places.js";
import { RouteLayer } from "../map/layers/routes.js";
import { hook, MapView } from "../map/view.js";
import { toast } from "./common.js";
import { Homes } from "./plan_homes.js";
import { clearing, difference } from "./plan_after.js";
import { costs, pickups, remedies } from "./plan_help.js";
import { assembly, pointWords, staging, walkFirst } from "./plan_leaving.js";
import { askOptions, assumptionList } from "./plan_options.js";
import { decide, scannedBanner, staleBanner, steps } from "./plan_order.js";
import { figures, loads, planFigures, planLine, unserved, waves } from "./plan_panel.js";
import { prices, unsafe } from "./plan_prices.js";
import { Printing } from "./plan_print.js";
import { verdict } from "./plan_verdict.js";

const urls = page.urls || {};
const id = String(page.plan ?? location.pathname.split("/").pop());
const address = `${urls.plans || "/api/plans"}/${encodeURIComponent(id)}`;
const panel = new Panel(byId("panel-plan"));
const live = new Live([panel]);
const { feed } = live;
const view = new MapView(document.querySelector(".mapbox"));
const { overlay, map } = view;
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  hazards: new Noun(urls.hazards || "/api/hazards"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
};
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"), { neutral: true })),
  grids: overlay.add(new GridLayer(hook("grids"), { neutral: true })),
  households: overlay.add(new HouseholdLayer(hook("households"),
    urls.household_tiles || "/tiles/households/{z}/{x}/{y}.mvt", { from: 16 })),
  hazards: overlay.add(new HazardLayer(hook("hazards"))),
  routes: overlay.add(new RouteLayer(hook("routes"))),
  assembly: overlay.add(new AssemblyLayer(hook("routes"))),
  facilities: overlay.add(new FacilityLayer(hook("facilities"), ({ kind }) => kind === "shelter", { whole: true })),
};
let plan = null;
let mode = "walk";
let fitted = false;
let marked = null;
let alone = null; // The household whose way is shown by itself.

const homes = new Homes(address, showHome);
const printing = new Printing(address, id);

function zoneTable(zones) {
  const heads = [[_("网格号")], [_("户"), "n"], [_("人"), "n"], [_("批次"), "n"], [_("去往")]];
  return el("table", { class: "list" },
    el("caption", { class: "sr" }, _("每个网格去哪里")),
    el("thead", {}, el("tr", {}, heads.map(([words, name]) => el("th", { scope: "col", class: name || "" }, words)))),
    el("tbody", {}, zones.map((zone) => el("tr", {},
      el("th", { scope: "row" }, el("button", {
        type: "button", class: "row-button num", onclick: () => chooseZone(zone),
      }, zone.label || zone.grid)),
      el("td", { class: "n num" }, number(zone.households)),
      el("td", { class: "n num" }, number(zone.people)),
      el("td", { class: "n num" }, zone.wave ?? "–"),
      el("td", {}, terms.listed(zone.shelters || []) || _("没有去处"))))));
}

function chooseZone(zone) {
  const item = layers.grids.find(zone.grid);
  view.select("grid", zone.grid);
  if (item) view.goTo(...item.props.label_point, 15);
  homes.lookAt(zone.grid);
}

function draw() {
  const hazard = hazardOf(plan);
  byId("plan-title").textContent = hazard ? _("转移 · {name}", { name: hazard }) : _("预案 {number}", { number: id });
  const chip = byId("plan-state");
  chip.hidden = false;
  chip.textContent = `${plan.number} · ${terms.planState(plan.state)}`;
  panel.at(plan.drafted_at || plan.created_at);
  const mayDraft = (plan.can || []).includes("draft");
  byId("again").hidden = !mayDraft || plan.state === "drafting";
  replace(byId("plan-notice"),
    scannedBanner(plan),
    staleBanner(plan, mayDraft ? redraft : null, mayDraft ? replan : null));
  decide(byId("plan-decide"), plan, address, decided);
  layers.assembly.setPoints(plan.assembly?.points);
  homes.points = new Map((plan.assembly?.points || []).map((point) => [point.number, point]));
  printing.draw(plan);
  if (plan.state === "drafting") {
    panel.show(emptyLine(_("正在起草，算完就显示")));
    return;
  }
  panel.show(...contents());
}

/** What the panel says of a plan that has been drafted. */
function contents() {
  const now = feed.serverNow();
  const zones = plan.zones || [];
  return [
    steps(plan, now),
    difference(plan, address),
    figures(planFigures(plan)),
    planLine(plan, now),
    verdict(plan),
    plan.response && el("p", { class: "pad s" }, el("a", { href: `/responses/${plan.response}` }, _("看应急响应"))),
    assumptionList(plan),
    unserved(plan.unserved),
    costs(plan),
    unsafe(plan, lookAt),
    remedies(plan, lookAt),
    prices(plan, lookAt),
    walkFirst(plan),
    pickups(plan, lookAt, () => toast(_("车登记了。重新起草就算进去"))),
    el("h3", { class: "pad" }, _("安置点")), loads(plan.shelters || []),
    waves(plan.totals?.waves),
    staging(plan),
    clearing(plan, lookAt),
    el("h3", { class: "pad" }, _("按网格")), zoneTable(zones),
    assembly(plan, lookAtPoint),
    homes.of(zones),
  ];
}

function decided(after) {
  plan = after;
  draw();
  toast(_("{number}：{state}", { number: plan.number, state: terms.planState(plan.state) }));
}

/** One household's way by itself, the one that is chosen; all ways again for null. */
async function showHome(one) {
  alone = one;
  try {
    await loadRoutes();
    view.say(one ? n_("{address}：{n} 人去 {shelters}", one.people, {
      address: one.address || one.household, n: number(one.people), shelters: one.shelter,
    }) : "");
  } catch (error) {
    toast(_("没取到数据：{title}。", { title: error.title || error.message || "" }));
  }
}

function hazardOf(one) {
  const number_ = String(one.hazard?.id ?? one.hazard);
  const found = nouns.hazards.features.find(({ properties }) => String(properties.id) === number_);
  return one.hazard_name || found?.properties.name || "";
}

async function loadPlan() {
  panel.loading(6);
  try {
    plan = await get(address);
    draw();
    await loadRoutes();
  } catch (error) {
    panel.fail(error, loadPlan);
  }
}

/** The ways on foot, or those by vehicle to the same shelters. */
async function loadRoutes() {
  const asked = alone;
  const routes = asked
    ? await get(`${address}/households/${encodeURIComponent(asked.household)}/way`)
    : await get(`${address}/routes?mode=${mode}`);
  if (asked !== alone) return; // another household has been chosen meanwhile
  if (asked) {
    routes.features = routes.features.filter(({ properties }) => properties.mode === mode);
    for (const { properties } of routes.features) {
      Object.assign(properties, { people: asked.people, weight: 150, households: 9, shelter: asked.shelter });
    }
  }
  layers.routes.setData(routes, plan?.exercise);
  if (asked && routes.features.length) {
    map.fitBounds(L.geoJSON(routes).getBounds(), { padding: [40, 40], maxZoom: 17, animate: false });
  }
  fit(routes);
}

for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", async () => {
    mode = button.dataset.mode;
    for (const each of document.querySelectorAll("[data-mode]")) {
      each.setAttribute("aria-pressed", String(each === button));
      each.classList.toggle("on", each === button);
    }
    try {
      await loadRoutes();
    } catch (error) {
      toast(_("没取到数据：{title}。", { title: error.title || error.message || "" }));
    }
  });
}

function fit(routes) {
  if (fitted || !routes.features.length) return;
  fitted = true;
  map.fitBounds(L.geoJSON(routes).getBounds(), { padding: [30, 30], maxZoom: 16, animate: false });
}

for (const name of Object.keys(nouns)) {
  nouns[name].addEventListener("change", () => {
    layers[name].setData(nouns[name].collection);
    if (name === "hazards" && plan) byId("plan-title").textContent = _("转移 · {name}", { name: hazardOf(plan) });
  });
}

function zoneWords(props) {
  const zone = (plan?.zones || []).find(({ grid }) => grid === props.code);
  if (!zone) return _("{label} 不用转移", { label: props.label });
  return _("{label}：{n} 人去 {shelters}", {
    label: zone.label, n: number(zone.people), shelters: terms.listed(zone.shelters) || _("没有去处"),
  });
}

const meets = (point) => _("{point}：{h} 户 {p} 人在这里集合", {
  point: pointWords(point), h: number(point.households), p: number(point.people),
});
const WORDS = {
  assembly: meets,
  route: (p) => _("{shelter}：{n} 人走这里", { shelter: p.shelter, n: number(p.people) }),
  grid: zoneWords,
  household: (p) => n_("一户 {n} 人", p.people),
};

view.onchoose((hit) => {
  view.select(hit?.layer || null, hit?.id);
  if (hit) view.say(WORDS[hit.layer]?.(hit.props) || hit.props.name || "");
});
view.search((result) => result.kind === "grid" && view.select("grid", result.ref));

const job = new JobBar(byId("job"), (ended) => {
  byId("again").disabled = false;
  if (ended.state === "done" && job.plan) location.assign(`/plans/${encodeURIComponent(job.plan)}`);
});
byId("again").addEventListener("click", redraft);

async function redraft() {
  const answer = await askOptions({
    title: _("重新起草"),
    options: plan.options,
    run: (options) => post(urls.plans || "/api/plans", { hazard: plan.hazard?.id ?? plan.hazard, options }),
  });
  if (!answer) return;
  byId("again").disabled = true;
  job.plan = answer.plan;
  job.start(answer.job);
}

/** The same plan from the data of now: who was told stays, as few as possible go elsewhere. */
async function replan() {
  byId("again").disabled = true;
  try {
    const answer = await post(`${address}/replan`, {});
    job.plan = answer.plan;
    job.start(answer.job);
  } catch (error) {
    byId("again").disabled = false;
    toast(_("没能重排：{why}", { why: error.detail || error.message }));
  }
}

/** A street where people wait, marked on the map. */
function lookAt(link) {
  if (marked) marked.remove();
  marked = L.geoJSON(link.geometry, { style: { className: "bind-link", weight: 10 }, interactive: false }).addTo(map);
  map.fitBounds(marked.getBounds(), { padding: [60, 60], maxZoom: 17, animate: false });
  view.say(link.name || _("没有名字的路"));
}

/** An assembly point, in the middle of the map. */
function lookAtPoint(point) {
  view.select("assembly", point.number);
  view.goTo(point.lon, point.lat, 17);
  view.say(meets(point));
}

follow(feed, {
  hazard: [nouns.hazards], facility: [nouns.facilities], grid: [nouns.grids], grids: [nouns.grids],
  area: [nouns.communities],
});
// Data the plan was drafted from: whether it is stale is the server's to say.
const INPUTS = ["hazard", "household", "households", "facility", "road", "data", "vehicle", "emergency_rule"];
let soon = null;
feed.addEventListener("change", ({ detail }) => {
  const own = detail.subject === "plan" && String(detail.id) === id;
  if (!own && !INPUTS.includes(detail.subject)) return;
  clearTimeout(soon);
  soon = setTimeout(loadPlan, 400);
});
feed.addEventListener("ready", loadPlan);
live.start();
