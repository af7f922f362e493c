// Rules of emergencies: sensors, vehicles, days until return, supplies and walking speeds.
import "./common.js";
import { byId } from "../core/dom.js";
import { Live } from "../core/live.js";
import { follow, Noun } from "../core/nouns.js";
import { page } from "../core/page.js";
import { Tabs } from "../core/tabs.js";
import { CommunityLayer } from "../map/layers/grids.js";
import { PinLayer } from "../map/layers/pin.js";
import { FacilityLayer, ResponderLayer } from "../map/layers/places.js";
import { SensorLayer } from "../map/layers/sensors.js";
import { hook, MapView } from "../map/view.js";
import { Sensors } from "./emergency_rules_sensors.js";
import { RuleTable, tables, Vehicles } from "./emergency_rules_tables.js";

const MINUTE = 60000;

/** Vehicles look like the units they are, and are named as what they are. */
class VehicleLayer extends ResponderLayer {
  legend() {
    return (this.drawn || []).length ? [{ symbol: "unit", character: "车", words: "接人的车" }] : [];
  }
}

const data = JSON.parse(byId("rules-data").textContent);
const asked = new URLSearchParams(window.location.search);
const view = new MapView(document.querySelector(".mapbox"), { filled: true });
const { overlay } = view;
const live = new Live([]);
const { feed } = live;
const now = () => feed.serverNow();
const communities = new Noun(page.urls?.areas || "/api/areas?level=community");
const facilities = new Noun(page.urls?.facilities || "/api/facilities");
const layers = {
  communities: overlay.add(new CommunityLayer(hook("communities"))),
  facilities: overlay.add(new FacilityLayer(hook("facilities"), ({ kind }) => kind === "shelter")),
  vehicles: overlay.add(new VehicleLayer()),
  sensors: overlay.add(new SensorLayer(undefined, now)),
  pin: overlay.add(new PinLayer()),
};
let pointed = null;
const map = {
  /** Ask for a point of the map; null when none is wanted any more. */
  point(take, at) {
    pointed = take;
    view.box.classList.toggle("pointing", Boolean(take));
    layers.pin.put(at);
  },
  sensors: (items) => layers.sensors.set(items),
  vehicles: (items) => layers.vehicles.setData({ features: items.filter((one) => one.in_use).map((one) => ({
    geometry: { type: "Point", coordinates: one.at }, properties: { id: one.id, name: one.name, kind: "transport" },
  })) }),
  go({ at, id, code }) {
    view.goTo(...at, 16);
    view.select(code === undefined ? "responder" : "sensor", id);
  },
};
const sensors = new Sensors({ map, now });
const vehicles = new Vehicles({ map, now, shown: (one) => map.go(one) });
const rules = Object.entries(tables(data)).map(([name, table]) => new RuleTable(name, table, { places: data.places, now }));
const tabs = new Tabs(byId("rule-tabs"));
if (asked.get("section") && document.getElementById(`tab-${asked.get("section")}`)) tabs.select(`tab-${asked.get("section")}`);

view.onchoose((hit, at) => {
  if (pointed) {
    pointed(at);
    return;
  }
  if (hit?.layer === "sensor") {
    tabs.select("tab-sensors");
    sensors.choose(hit.id, { go: false });
  } else if (hit?.layer === "responder") {
    tabs.select("tab-vehicles");
    view.say(hit.props.name);
  }
});
communities.addEventListener("change", () => layers.communities.setData(communities.collection));
facilities.addEventListener("change", () => layers.facilities.setData(facilities.collection));
follow(feed, { area: [communities], facility: [facilities] });
feed.addEventListener("change", ({ detail }) => {
  if (["sensor", "proposal"].includes(detail.subject)) sensors.load();
});
for (const part of [sensors, vehicles, ...rules]) part.load(part === sensors ? asked.get("sensor") : undefined);
// readings raise no event of their own: what is said of now is asked for again
setInterval(() => {
  if (live.connected && !sensors.box.childElementCount && !sensors.panel.body.contains(document.activeElement)) sensors.load();
  else layers.sensors.changed();
}, MINUTE);
live.start();
