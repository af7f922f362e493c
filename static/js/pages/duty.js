// The duty map: queue, map, evacuation, units, log and details, all from one live feed.
import "./common.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { free } from "../core/hand.js";
import { Live } from "../core/live.js";
import { follow } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { Panel } from "../core/panels.js";
import { Tabs } from "../core/tabs.js";
import { _, n_ } from "../core/words.js";
import { followConnection } from "../duty/buttons.js";
import { closures } from "../duty/closures.js";
import { Decide } from "../duty/decide.js";
import { openDesk } from "../duty/desk.js";
import { drawDrills } from "../duty/drill_band.js";
import { isLate } from "../duty/due.js";
import { HazardPanel } from "../duty/hazard_panel.js";
import { followSensors, Waiting } from "../duty/hazard_waiting.js";
import { drawingHazards } from "../duty/hazard_tool.js";
import { boundsOf, openOnHazard } from "../duty/hazard_view.js";
import { IncidentPanel } from "../duty/incident_panel.js";
import { dutyLayers } from "../duty/layers.js";
import { LostCover } from "../duty/lost_cover.js";
import { dutyNouns } from "../duty/nouns.js";
import { offerIncident } from "../duty/offer.js";
import { takingReports } from "../duty/phone_tool.js";
import { Stamps } from "../duty/stamps.js";
import { MapView } from "../map/view.js";
import { drawAlerts } from "./alerts.js";
import { CoveragePanel } from "./coverage_panel.js";
import { DetailsPanel } from "./details_panel.js";
import { PlanPanel } from "./plan_panel.js";
import { Queue } from "./queue.js";
import { drawUnits } from "./units.js";

const urls = page.urls || {};
const nouns = dutyNouns(urls);
const panels = Object.fromEntries(["queue", "plan", "units", "log", "coverage"]
  .map((name) => [name, new Panel(byId(`panel-${name}`))]));

const live = new Live(Object.values(panels));
for (const name of ["queue", "units", "log"]) live.fresh(panels[name]);
const { feed } = live;
const now = () => feed.serverNow();

const view = new MapView(document.querySelector(".mapbox"));
const { overlay } = view;
const layers = dutyLayers(view, urls, feed);
const stamps = new Stamps(view.find(".map-top").appendChild(el("p", { class: "stamps", hidden: true })));
const band = byId("exercise-band");

const tabs = new Tabs(byId("tabs"), () => byId("main").classList.remove("folded"));
const sideTabs = new Tabs(byId("side-tabs"), () => {}, "side-shown");
const details = new DetailsPanel({ view, tabs, now,
  onchange: () => document.querySelector(".side").classList.toggle("chosen", !details.panel.hidden) });
// What a role may not see is not offered, rather than refused.
for (const [name, permission] of [["plan", "plan.view"], ["coverage", "coverage.view"], ["log", "duty.log"]]) {
  for (const id of [`panel-${name}`, `tab-${name}`, `side-${name}`]) {
    const part = document.getElementById(id);
    if (part) part.hidden = !may(permission);
  }
}
const planPanel = new PlanPanel(panels.plan, { layers, view, now, feed });
const coveragePanel = new CoveragePanel(panels.coverage, now, (run, rows) =>
  layers.coverage.setRun(layers.grids, rows));
const decide = new Decide(byId("decide"), { open: ({ incident, step, cover }) => {
  if (cover) {
    lostCover.toggle(cover);
    return;
  }
  const feature = nouns.incidents.find(incident);
  if (!feature) return;
  incidentPanel.open = step;
  incidentPanel.id = incident;
  chooseIncident(feature);
} });
let [plans, picking] = [[], null];
const gridLabel = (code) =>
  nouns.grids.features.find(({ properties }) => properties.code === code)?.properties.label || code || "";

/** Teams that have an open incident: id -> its properties. */
const inUse = () => new Map(nouns.incidents.features
  .filter(({ properties: p }) => p.assignee && ["assigned", "handling"].includes(p.state))
  .map(({ properties: p }) => [String(p.assignee.id), p]));

const desk = openDesk({
  now, feed, panels,
  open: (subject, id) => (subject === "incident" ? chooseById(id) : chooseHazard(id)),
  gather: () => ({ incidents: nouns.incidents.features, hazards: nouns.hazards.features }),
  changed: () => {
    showQueue();
    showHazards();
    if (details.hit?.layer === "incident" && incidentPanel.whole) incidentPanel.draw();
  },
});
const lostCover = new LostCover({ view, feed, changed: () => showQueue(), sound: () => desk.late() });
const incidentPanel = new IncidentPanel(details.body, {
  incidents: nouns.incidents, alarms: desk.alarms, now, gridLabel, inUse,
  teams: () => nouns.responders.features,
  choose: chooseById,
  pick: (words, chosen) => {
    picking = chosen;
    view.say(words);
  },
});
const hazardPanel = new HazardPanel(details.body, { view, now, alarms: desk.alarms, drafted: () => planPanel.load(), adjust: (id) => hazardTool.adjust(nouns.hazards.find(id)) });
Object.assign(details.panels, { incident: incidentPanel, hazard: hazardPanel });
const hazardTool = drawingHazards({ view, details, now, declared: () => nouns.hazards.refresh() });
const waiting = new Waiting({ feed, choose: chooseHazard, begin: (known) => hazardTool.begin(known), changed: () => [showHazards(), showQueue()] });
followSensors({ waiting, layers, details, now });
const closing = closures({ view, details, now, noun: nouns.road_closures });
const phone = takingReports({ view, details, incidents: nouns.incidents, choose: chooseById });

const queue = new Queue(panels.queue, () => ({
  now: now(), gridLabel, selection: overlay.selection, choose: chooseIncident, ringing: desk.unheard(),
}));

function showQueue() {
  const incidents = nouns.incidents.features;
  const late = incidents.filter(({ properties }) => isLate(properties, now())).length;
  queue.set(incidents, now());
  byId("queue-count").textContent = [n_("{n} 件未结", incidents.length, { n: number(incidents.length) }),
    late && n_("{n} 件超时", late)].filter(Boolean).join(" · ");
  decide.draw({ incidents, plans, cover: lostCover.decisions(), hazards: waiting.decisions(nouns.hazards.features, now()) }, now());
}

function chooseIncident(feature) {
  if (picking) {
    const chosen = picking;
    picking = null;
    chosen(feature);
    return;
  }
  const [lon, lat] = feature.geometry?.coordinates || [];
  const { id } = feature.properties;
  details.show({ layer: "incident", id, props: feature.properties });
  if (lon !== undefined) view.goTo(lon, lat);
  showQueue();
}

function chooseById(id) {
  const feature = nouns.incidents.find(id);
  if (feature) chooseIncident(feature);
}

function chooseHazard(id) {
  const feature = nouns.hazards.features.find(({ properties }) => String(properties.id) === String(id));
  if (!feature) return;
  details.show({ layer: "hazard", id: feature.properties.id, props: feature.properties });
  view.map.fitBounds(boundsOf(feature.geometry), { padding: [60, 60], maxZoom: 16 });
}

const TARGETS = { grid: "grids", facility: "facilities", incident: "incidents", hazard: "hazards" };

// Found by search and not on the map yet, which is read a moment later: opened when it is there.
let awaited = null;

function chosenBySearch(result, again = false) {
  if (!again && phone?.found(result)) return;
  awaited = null;
  const over = result.kind === "grid" && layers.special_grids.find(result.ref);
  const item = over || (TARGETS[result.kind] && layers[TARGETS[result.kind]].find(result.ref));
  if (item) details.show({ layer: over ? "special" : result.kind, id: item.id, props: item.props });
  else if (!again) {
    view.say(result.title);
    if (TARGETS[result.kind]) awaited = result;
  }
}

function show(name, draw) {
  const drawn = free(() => draw?.());
  nouns[name].addEventListener("change", () => {
    layers[name]?.setData(nouns[name].collection);
    drawn();
    if (awaited && TARGETS[awaited.kind] === name) chosenBySearch(awaited, true);
  });
}

function showHazards() {
  const { features } = nouns.hazards;
  drawAlerts(byId("alerts"), features, {
    now: now(), alarms: desk.alarms, choose: ({ properties }) => chooseHazard(properties.id), drafted: () => planPanel.load(), warnings: waiting.strip(),
  });
  planPanel.hazards(features);
  drawDrills(band, features);
  const shown = details.hit?.layer === "hazard" && features.find(({ properties }) => details.shows("hazard", properties.id));
  if (shown) hazardPanel.show(shown.properties);
  else if (details.hit?.layer === "hazard") details.close(); // It has been lifted.
}

function goToPlace(layer) {
  return ({ properties, geometry }) => {
    details.show({ layer, id: String(properties.id), props: properties });
    const [lon, lat] = geometry?.coordinates || [];
    if (lon !== undefined) view.goTo(lon, lat);
  };
}

function showUnits() {
  if (!nouns.responders.loaded) return;
  const taken = inUse();
  drawUnits(panels.units, nouns.responders.features, nouns.facilities.features, {
    chooseUnit: goToPlace("responder"), chooseFacility: goToPlace("facility"), inUse: taken,
  });
  layers.responders.setData({ features: nouns.responders.features.map((feature) => ({
    ...feature, properties: { ...feature.properties, incident: taken.has(String(feature.properties.id)) },
  })) });
  const free = nouns.responders.features.filter(({ properties: p }) => p.on_duty && !taken.has(String(p.id))).length;
  byId("units-count").textContent = [taken.size && n_("{n} 队在用", taken.size), n_("{n} 队空闲", free, { n: number(free) })]
    .filter(Boolean).join(" · ");
}

for (const name of ["communities", "special_grids", "road_closures"]) show(name);
show("grids", showQueue);
show("hazards", showHazards);
let used = "";
show("incidents", () => {
  showQueue();
  const key = JSON.stringify([...inUse()].map(([id, p]) => [id, p.number, p.state]));
  if (key !== used) showUnits();
  used = key;
});
show("facilities", showUnits);
show("responders", showUnits);

openOnHazard(view.map, nouns.hazards, chooseHazard);

for (const [name, panel] of [["incidents", panels.queue], ["responders", panels.units]]) {
  panel.loading(5);
  nouns[name].addEventListener("error", () => panel.fail(nouns[name].error, () => nouns[name].load()));
}
if (may("plan.view")) panels.plan.loading(4);
if (may("coverage.view")) panels.coverage.loading(3);

follow(feed, {
  hazard: [nouns.hazards], plan: [nouns.hazards], road: [nouns.road_closures],
  facility: [nouns.facilities],
  responder: [nouns.responders],
  grid: [nouns.grids, nouns.special_grids], grids: [nouns.grids, nouns.special_grids],
  area: [nouns.communities],
  household: [nouns.grids], households: [nouns.grids],
  town: Object.values(nouns), incidents: [nouns.incidents, nouns.grids],
});
feed.addEventListener("ready", () => nouns.incidents.load());

/** The plans that may have been overtaken; their head alone. */
async function loadPlans() {
  if (!may("plan.view")) return;
  const answer = await get("/api/plans").catch(() => null);
  if (answer) plans = answer.plans || answer.items || answer;
  showQueue();
}

feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "incident") {
    nouns.incidents.touch(detail.id);
    if (details.shows("incident", detail.id)) incidentPanel.changed();
  }
  if (detail.subject === "call_out") planPanel.soon();
  if (detail.subject === "plan" || detail.subject === "hazard") {
    planPanel.soon();
    loadPlans();
  }
  if (detail.subject === "coverage") coveragePanel.soon();
  if (["household", "households"].includes(detail.subject)) {
    layers.households.setPattern(layers.households.pattern);
  }
  if (["road", "data"].includes(detail.subject)) view.base.retry();
  if (detail.kind === "incident.reported" && !details.shows("incident", detail.id)) offerIncident(detail.id, nouns.incidents, chooseIncident);
});
for (const name of ["ready", "resumed"]) {
  feed.addEventListener(name, () => {
    planPanel.load();
    coveragePanel.load();
    loadPlans();
    desk.load();
  });
}
feed.addEventListener("resumed", () => {
  nouns.incidents.refresh();
  if (details.hit?.layer === "incident") incidentPanel.changed();
  view.base.retry();
});

view.onchoose((hit, at) => {
  if (hazardTool?.active || closing?.tapped(at) || phone?.tapped(at)) return; // The click set a corner, or a place.
  if (hit?.layer === "incident") chooseIncident(nouns.incidents.find(hit.id) || { properties: hit.props });
  else if (hit) details.show(hit);
  else if (!picking) details.close();
  showQueue();
});
view.search(chosenBySearch);
byId("fold").addEventListener("click", () => {
  const folded = byId("main").classList.toggle("folded");
  byId("fold").setAttribute("aria-expanded", String(!folded));
  byId("fold").textContent = folded ? _("展开") : _("收起");
});
if (!may("duty.log")) sideTabs.select("side-units");

setInterval(() => {
  if (live.connected && panels.queue.full) {
    const newly = queue.tick(now());
    if (newly.length) {
      desk.late();
      showQueue();
    }
  }
  stamps.draw({ seen: feed.serverSeen, responders: nouns.responders.features, now: now(), connected: live.connected });
}, 1000);
feed.addEventListener("state", () => {
  followConnection();
  desk.connection(live.connected);
});

get(urls.ready || "/readyz").then((ready) => {
  replace(byId("foot-data"), ready.demo ? _("演示城镇：{town}", { town: ready.demo }) : "");
}, () => {});
live.start();
