// The place of the map. The day and a report come first: the map and its libraries, which are most
// of what the page loads, come when those can be used, and again when the network was away.
import { byId } from "../core/dom.js";
import { _ } from "../core/words.js";
import { toLonLat } from "../map/mercator.js";

const MOST_WAIT = 1000; // Milliseconds.
const ENDED = ["closed", "evaluated", "dismissed", "merged"];

/** A file that did not come: the network was away, or somebody in between answered. */
class Lost extends Error {}

function script(address) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = address;
    element.async = false; // One after the other: each stands on the one before.
    element.onload = done;
    element.onerror = () => {
      element.remove();
      failed(new Lost(address));
    };
    document.head.append(element);
  });
}

function style(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.querySelector("link[rel=stylesheet]").before(link); // Ours have the last word.
}

/** When nothing more urgent is to be done: a tap, a row of the day. */
function idle() {
  return new Promise((done) => {
    if (window.requestIdleCallback) window.requestIdleCallback(done, { timeout: MOST_WAIT });
    else setTimeout(done, 0);
  });
}

export class Stage {
  /** `urls`: leaflet, leaflet_style, protomaps, map; `came(map)` hears when the map is there. */
  constructor(urls, came) {
    Object.assign(this, { urls, came, map: null, drawn: {}, had: new Set() });
    this.box = document.querySelector(".mapbox");
  }

  /** Fetch what the map needs and make it; true when it stands. Calls that meet are one. */
  load() {
    this.loading ||= this.loadNow().catch((error) => this.missed(error)).finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async loadNow() {
    if (this.map) return true;
    await idle();
    const { leaflet, leaflet_style: look, protomaps, map } = this.urls;
    if (!this.styled) style(look);
    this.styled = true;
    const wanted = [leaflet, protomaps, map].filter((address) => !this.had.has(address));
    await Promise.all(wanted.map((address) => script(address).then(() => this.had.add(address))));
    const { FieldMap } = await import("./map.js").catch((error) => {
      throw new Lost(error.message);
    });
    this.map = new FieldMap(this.box);
    this.note("");
    this.came(this.map);
    return true;
  }

  /** A report needs no map; what was lost on the way is asked for again with the next look. */
  missed(error) {
    this.note(_("地图没取到。照常能报事，位置用定位或按地址找"));
    if (!(error instanceof Lost)) throw error;
    return false;
  }

  note(words) {
    const line = this.box.querySelector(".map-note");
    line.textContent = words;
    line.hidden = !words;
  }

  /** Into the view that is now shown, where that one has a map. */
  follow(name, from) {
    if (name !== "home" && name !== "report") return;
    const slot = byId(`${name}-map`);
    if (this.box.parentElement !== slot) slot.prepend(this.box);
    this.map?.resized();
    if (name === "home" && from !== "home") this.map?.showMine();
  }

  /** Draw what has changed; `home`: the day is shown, where the map shows my whole grid at first. */
  draw({ lists, stops, home, first }) {
    const { map, drawn } = this;
    if (!map) return;
    const known = Boolean(map.bounds);
    this.changed("grids", lists.list.grids.value, () => map.setGrids(lists.value("grids"), lists.mine));
    this.changed("homes", lists.list.homes.value, () => map.setHomes(lists.value("homes")));
    this.changed("parts", lists.list.parts.value, () => map.layers.parts.setData({ features: lists.value("parts") }));
    this.changed("hazards", lists.list.hazards.value, () => map.layers.hazards.setData({ features: lists.value("hazards") }));
    this.changed("reports", lists.list.reports.value, () => map.layers.reports.setData({
      features: lists.value("reports").filter(({ geometry, properties }) => geometry && !ENDED.includes(properties?.state)),
    }));
    const ids = stops.map(({ id }) => id).join(" ");
    if (drawn.stops !== ids) map.setStops(stops);
    drawn.stops = ids;
    if (home && (first || !known)) map.showMine();
  }

  changed(name, value, draw) {
    if (this.drawn[name] === value) return;
    this.drawn[name] = value;
    draw();
  }

  showHazard({ properties }) {
    const { bounds } = this.map?.layers.hazards.find(properties.id)?.shape || {};
    if (!bounds) return;
    this.map.view.select("hazard", properties.id);
    this.map.view.fit([...toLonLat([bounds.minX, bounds.maxY]), ...toLonLat([bounds.maxX, bounds.minY])]);
    byId("home-map").scrollIntoView({ block: "nearest" });
  }

  showHome(home) {
    this.map?.goTo(home.lon, home.lat, 18);
    this.map?.view.say(home.address);
    byId("home-map").scrollIntoView({ block: "nearest" });
  }
}
