// The place of a report: where the device says I am, else where my finger puts the pin, else an
// address. The position is asked for when a report is opened or by a tap, and never followed.
import { byId, el, replace } from "../core/dom.js";
import { age, distance } from "../core/format.js";
import { _ } from "../core/words.js";
import { find, house, metres, nearest } from "./where.js";

const REFUSED = { 1: "没有定位权限。拖动地图，或按地址找", 2: "现在定不了位。拖动地图，或按地址找", 3: "定位没有回音。拖动地图，或按地址找" };
const CLOSE = 18; // Zoom at which a house can be told from the next.
const ROUND = 1e6; // Six digits: a tenth of a metre.

const rounded = (degrees) => Math.round(degrees * ROUND) / ROUND;

export class PlacePicker {
  /** `addresses()` gives the known addresses; `changed(place)` hears of every choice. */
  constructor({ addresses, changed }) {
    Object.assign(this, { addresses, changed });
    this.map = null; // It may come when a report has long been begun.
    this.reach = byId("report-map").dataset.reach.split(" ").map(Number);
    this.place = null;
    this.card = byId("place-card");
    this.input = byId("place-search");
    this.list = byId("place-found");
    this.open = false;
    byId("place-here").addEventListener("click", () => this.locate(true));
    this.searching();
  }

  /** The map is there: from now on a finger places the pin too. */
  attach(map) {
    this.map = map;
    map.onhand((lonlat) => this.open && this.set({ lon: lonlat[0], lat: lonlat[1], by: "finger" }));
    map.map.on("click", ({ latlng }) => {
      if (!this.open) return;
      this.set({ lon: latlng.lng, lat: latlng.lat, by: "finger" });
      this.centre();
    });
    map.map.on("resize", () => this.open && this.centre());
    if (this.open) this.stand();
  }

  /** The map under the pin: at the place, else at my grid. */
  stand() {
    this.map?.holdMiddle(true);
    this.map?.layers.accuracy.put(this.place?.by === "gps" ? this.place : null);
    if (this.place) this.centre();
    else this.map?.showMine(CLOSE);
  }

  /** Begin with a known place, or ask the device once. */
  start(place) {
    this.open = true;
    this.place = place;
    this.note = "";
    this.stand();
    if (place) this.draw();
    else this.locate(false);
  }

  stop() {
    this.open = false;
    this.map?.holdMiddle(false);
    this.map?.layers.accuracy.put(null);
    this.asked = null;
    this.input.value = "";
    this.show([]);
  }

  centre() {
    if (this.place && this.map) this.map.goTo(this.place.lon, this.place.lat, Math.max(this.map.map.getZoom(), CLOSE));
  }

  set(place) {
    this.asked = null; // What the device says later does not move a pin that was put by hand.
    this.place = { ...place, lon: rounded(place.lon), lat: rounded(place.lat), at: new Date().toISOString() };
    this.note = "";
    this.map?.layers.accuracy.put(place.by === "gps" ? this.place : null);
    this.draw();
    this.changed(this.place);
  }

  locate(wanted) {
    const { geolocation } = navigator;
    if (!geolocation) {
      this.say(_("这台设备不能定位。拖动地图，或按地址找"));
      return;
    }
    const asked = {};
    this.asked = asked;
    this.say(_("正在定位"));
    geolocation.getCurrentPosition(({ coords }) => {
      if (this.asked !== asked || !this.open) return;
      this.found(coords);
    }, ({ code }) => {
      if (this.asked === asked && this.open) this.say(_(REFUSED[code] || REFUSED[2]));
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: wanted ? 0 : 10000 });
  }

  found({ longitude, latitude, accuracy }) {
    const [west, south, east, north] = this.reach;
    if (longitude < west || longitude > east || latitude < south || latitude > north) {
      this.say(_("你的位置在这张图之外。拖动地图，或按地址找"));
      return;
    }
    this.set({ lon: longitude, lat: latitude, by: "gps", accuracy: Math.round(accuracy * 10) / 10 });
    this.centre();
  }

  say(words) {
    this.note = words;
    this.draw();
  }

  /** The house that a place is at or near, in words; empty when none is known near by. */
  name(place = this.place) {
    if (!place) return "";
    if (place.name) return place.name;
    const found = nearest(this.addresses(), [place.lon, place.lat]);
    return found ? house(found.address) : "";
  }

  draw() {
    byId("pin").classList.toggle("unsure", !this.place);
    const { place } = this;
    if (!place) {
      replace(this.card, el("b", {}, _("还没有位置")), el("span", { class: "s mut" }, this.note || _("拖动地图，把图钉放到出事的地方")));
      return;
    }
    const name = this.name();
    const how = {
      gps: () => [_("误差 {distance}", { distance: distance(place.accuracy) }), _("定位 {age}", { age: age(place.at, new Date()) })].join(" · "),
      finger: () => _("按图钉的位置，拖动地图可改"),
      address: () => _("按地址的位置，拖动地图可改"),
    }[place.by]();
    const title = !name ? _("图钉所在的地方") : place.by === "address" ? name : _("{address}附近", { address: name });
    replace(this.card, el("b", { class: "clip" }, title), el("span", { class: "s mut" }, this.note || how));
  }

  searching() {
    const { input, list } = this;
    input.addEventListener("input", () => this.show(find(this.addresses(), input.value)));
    input.addEventListener("keydown", (event) => {
      const rows = [...list.children];
      const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && rows.length) {
        event.preventDefault();
        this.mark(rows, (at + step + rows.length) % rows.length);
      }
      if (event.key === "Escape") this.show([]);
      if (event.key === "Enter") {
        event.preventDefault();
        rows[Math.max(0, at)]?.click();
      }
    });
  }

  mark(rows, chosen) {
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === chosen)));
    this.input.setAttribute("aria-activedescendant", rows[chosen].id);
  }

  show(hits) {
    const { input, list } = this;
    const nothing = input.value.trim() && !hits.length && this.open;
    list.hidden = !hits.length;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    input.removeAttribute("aria-activedescendant");
    byId("place-none").hidden = !nothing;
    const from = this.place ? [this.place.lon, this.place.lat] : null;
    replace(list, hits.map((hit, i) => el("li", {
      role: "option", id: `place-found-${i}`, "aria-selected": "false", onclick: () => this.take(hit),
    }, el("b", {}, hit.name), from && el("span", { class: "mut s num" }, distance(metres(from, [hit.lon, hit.lat]))))));
  }

  take(hit) {
    this.input.value = "";
    this.show([]);
    this.set({ lon: hit.lon, lat: hit.lat, by: "address", name: hit.name });
    this.centre();
  }
}
