// The duty map: queue, map, evacuation, units, coverage and details, all from one live feed.
import "./common.js";
import { get } from "../core/api.js";
import { byId, el, replace } from "../core/dom.js";
import { number } from "../core/format.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { may, page } from "../core/page.js";
import { Panel } from "../core/panels.js";
import { levelOf } from "../core/severity.js";
import { Tabs } from "../core/tabs.js";
import { _, n_ } from "../core/words.js";
import { CoverageFill } from "../map/layers/coverage.js";
import { GridLayer, CommunityLayer } from "../map/layers/grids.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { HouseholdLayer } from "../map/layers/households.js";
import { IncidentLayer } from "../map/layers/incidents.js";
import { FacilityLayer, ResponderLayer } from "../map/layers/places.js";
import { RouteLayer } from "../map/layers/routes.js";
import { hook, MapView, offered } from "../map/view.js";
import { drawAlerts } from "./alerts.js";
import { CoveragePanel } from "./coverage_panel.js";
import { DetailsPanel } from "./details_panel.js";
import { PlanPanel } from "./plan_panel.js";
import { drawQueue } from "./queue.js";
import { drawUnits } from "./units.js";

const urls = page.urls || {};
const nouns = {
  communities: new Noun(urls.areas || "/api/areas?level=community"),
  grids: new Noun(urls.grids || "/api/grids"),
  hazards: new Noun(urls.hazards || "/api/hazards"),
  incidents: new Noun(urls.incidents || "/api/incidents?state=open"),
  facilities: new Noun(urls.facilities || "/api/facilities"),
  responders: new Noun(urls.responders || "/api/responders"),
};

const panels = {
  queue: new Panel(byId("panel-queue")),
  plan: new Panel(byId("panel-plan")),
  units: new Panel(byId("panel-units")),
  coverage: new Panel(byId("panel-coverage")),
};

const live = new Live(Object.values(panels));
live.fresh(panels.queue);
live.fresh(panels.units);
const { feed } = live;
const now = () => feed.serverNow();

const view = new MapView(document.querySelector(".mapbox"));
const { overlay } = view;
// What a person has to reach for elsewhere is on here from the start.
for (const name of ["households", "routes"].filter(offered)) view.map.addLayer(hook(name));
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"), { neutral: true })),
  grids: overlay.add(new GridLayer(hook("grids"), { neutral: true })),
  coverage: overlay.add(new CoverageFill(hook("coverage"))),
  households: overlay.add(new HouseholdLayer(hook("households"),
    urls.household_tiles || "/tiles/households/{z}/{x}/{y}.mvt", { from: 15, quiet: true })),
  hazards: overlay.add(new HazardLayer(hook("hazards"))),
  routes: overlay.add(new RouteLayer(hook("routes"))),
  facilities: overlay.add(new FacilityLayer(hook("facilities"))),
  responders: overlay.add(new ResponderLayer(hook("responders"))),
  incidents: overlay.add(new IncidentLayer(hook("incidents"))),
};

const tabs = new Tabs(byId("tabs"), () => byId("main").classList.remove("folded"));
const details = new DetailsPanel({ view, tabs, now, feed });
// What a role may not see is not offered, rather than refused.
for (const [name, permission] of [["plan", "plan.view"], ["coverage", "coverage.view"]]) {
  byId(`panel-${name}`).hidden = !may(permission);
  byId(`tab-${name}`).hidden = !may(permission);
}
const planPanel = new PlanPanel(panels.plan, { layers, view, now, feed });
const coveragePanel = new CoveragePanel(panels.coverage, now, (run, rows) =>
  layers.coverage.setRun(layers.grids, rows));

function gridLabel(code) {
  const grid = nouns.grids.features.find(({ properties }) => properties.code === code);
  return grid?.properties.label || code || "";
}

function showQueue() {
  const incidents = nouns.incidents.features;
  drawQueue(panels.queue, incidents, { now: now(), gridLabel, selection: overlay.selection, choose: chooseIncident });
  byId("queue-count").textContent = n_("{n} 件未结", incidents.length, { n: number(incidents.length) });
}

function chooseIncident(feature) {
  const [lon, lat] = feature.geometry?.coordinates || [];
  const { id } = feature.properties;
  details.show({ layer: "incident", id, props: { ...feature.properties, grid_label: gridLabel(feature.properties.grid) } });
  if (lon !== undefined) view.goTo(lon, lat);
  showQueue();
}

const TARGETS = { grid: "grid", facility: "facility", incident: "incident", hazard: "hazard" };

function chosenBySearch(result) {
  const layer = TARGETS[result.kind];
  const item = layer && layers[{ grid: "grids", facility: "facilities", incident: "incidents", hazard: "hazards" }[layer]].find(result.ref);
  if (item) details.show({ layer, id: item.id, props: item.props });
  else view.say(result.title);
}

function show(name, draw) {
  nouns[name].addEventListener("change", () => {
    layers[name]?.setData(nouns[name].collection);
    draw?.();
  });
}

show("communities");
show("grids", showQueue);
show("hazards", () => {
  drawAlerts(byId("alerts"), nouns.hazards.features, {
    now: now(),
    choose: (feature) => {
      const item = layers.hazards.find(feature.properties.id);
      details.show({ layer: "hazard", id: feature.properties.id, props: feature.properties });
      if (item) view.map.fitBounds(boundsOf(feature.geometry), { padding: [60, 60], maxZoom: 16 });
    },
    drafted: () => planPanel.load(),
  });
  planPanel.hazards(nouns.hazards.features);
});
show("incidents", showQueue);
function goToPlace(layer) {
  return ({ properties, geometry }) => {
    details.show({ layer, id: String(properties.id), props: properties });
    const [lon, lat] = geometry?.coordinates || [];
    if (lon !== undefined) view.goTo(lon, lat);
  };
}

function showUnits() {
  if (!nouns.responders.loaded) return;
  drawUnits(panels.units, nouns.responders.features, nouns.facilities.features, {
    chooseUnit: goToPlace("responder"), chooseFacility: goToPlace("facility"),
  });
  const free = nouns.responders.features.filter(({ properties }) => properties.on_duty).length;
  byId("units-count").textContent = n_("{n} 队在岗", free, { n: number(free) });
}
show("facilities", showUnits);
show("responders", showUnits);

/** Once, before anybody has moved it: the map opens on the most severe hazard. */
function openOnHazard() {
  const [first] = [...nouns.hazards.features].sort((one, other) =>
    (levelOf(one.properties.severity) || 5) - (levelOf(other.properties.severity) || 5));
  if (first) view.map.fitBounds(boundsOf(first.geometry).pad(0.6), { maxZoom: 16, animate: false });
}
nouns.hazards.addEventListener("change", openOnHazard, { once: true });

function boundsOf(geometry) {
  const layer = L.geoJSON(geometry);
  return layer.getBounds();
}

for (const [name, panel] of [["incidents", panels.queue], ["responders", panels.units]]) {
  panel.loading(5);
  nouns[name].addEventListener("error", () => panel.fail(nouns[name].error, () => nouns[name].load()));
}
if (may("plan.view")) panels.plan.loading(4);
if (may("coverage.view")) panels.coverage.loading(3);

follow(feed, {
  incident: [nouns.incidents, nouns.grids],
  hazard: [nouns.hazards],
  facility: [nouns.facilities],
  responder: [nouns.responders],
  grid: [nouns.grids], grids: [nouns.grids],
  area: [nouns.communities],
  household: [nouns.grids], households: [nouns.grids],
  town: Object.values(nouns),
});
feed.addEventListener("change", ({ detail }) => {
  if (detail.subject === "plan" || detail.subject === "hazard") planPanel.soon();
  if (detail.subject === "coverage") coveragePanel.soon();
  if (["household", "households"].includes(detail.subject)) {
    layers.households.setPattern(layers.households.pattern);
  }
  if (detail.kind === "incident.reported") offerIncident(detail);
});
feed.addEventListener("ready", () => {
  planPanel.load();
  coveragePanel.load();
});
feed.addEventListener("resumed", () => {
  planPanel.load();
  coveragePanel.load();
  view.base.retry();
});

/** The map never flies by itself: a new incident offers to be looked at. */
function offerIncident({ id }) {
  nouns.incidents.addEventListener("change", () => {
    const feature = nouns.incidents.features.find(({ properties }) => properties.id === id);
    if (!feature) return;
    const line = el("div", { class: "toast" },
      el("span", {}, _("新事件 {number}：{title}", { number: feature.properties.number, title: feature.properties.title })),
      el("button", { type: "button", class: "btn", onclick: () => { line.remove(); chooseIncident(feature); } }, _("去看")));
    byId("toasts").append(line);
    setTimeout(() => line.remove(), 15000);
  }, { once: true });
}

view.onchoose((hit) => {
  if (!hit) details.close();
  else {
    const props = hit.layer === "incident" ? { ...hit.props, grid_label: gridLabel(hit.props.grid) } : hit.props;
    details.show({ ...hit, props });
  }
  showQueue();
});
view.search(chosenBySearch);
byId("fold").addEventListener("click", () => {
  const folded = byId("main").classList.toggle("folded");
  byId("fold").setAttribute("aria-expanded", String(!folded));
  byId("fold").textContent = folded ? _("展开") : _("收起");
});
setInterval(() => panels.queue.full && showQueue(), 5000);

get(urls.ready || "/readyz").then((ready) => {
  replace(byId("foot-data"), ready.demo ? _("演示城镇：{town}", { town: ready.demo }) : "");
}, () => {});
live.start();
