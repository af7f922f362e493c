// Takes over the shell that folium rendered: base map, overlay, and the controls around the map.
import { page } from "../core/page.js";
import { _ } from "../core/words.js";
import { BaseMap } from "./base.js";
import { Legend } from "./legend.js";
import { locating } from "./locate.js";
import { Overlay } from "./overlay.js";
import { Scale } from "./scale.js";
import { Search } from "./search.js";

const ZOOMS = { min: 11, max: 19 };

/** The layer that the shell declared under this id; one that is never shown when it has none. */
export function hook(id) {
  return window[`layer_${id}`] || L.layerGroup();
}

/** Tell whether the server offers a layer to this person. */
export function offered(id) {
  return Boolean(window[`layer_${id}`]);
}

/** Make the layer control of the shell open by click, touch and key, and say whether it is open. */
function layerControl(map) {
  // folium declares it with `let`: a global name, but no property of the window.
  const control = typeof layer_control_live === "undefined" ? null : layer_control_live;
  const box = control?.getContainer();
  const toggle = box?.querySelector(".leaflet-control-layers-toggle");
  if (!toggle) return;
  // Opening by hover would close under a mouse that only passes: nothing here needs hover.
  L.DomEvent.off(box, { mouseenter: control._expandSafely, mouseleave: control.collapse }, control);
  toggle.setAttribute("role", "button");
  toggle.setAttribute("aria-label", _("图层"));
  toggle.title = _("图层");
  const open = () => box.classList.contains("leaflet-control-layers-expanded");
  const tell = () => toggle.setAttribute("aria-expanded", String(open()));
  new MutationObserver(tell).observe(box, { attributes: true, attributeFilter: ["class"] });
  tell();
  const expand = (event) => {
    event.preventDefault();
    control.expand();
    box.querySelector("input")?.focus();
  };
  toggle.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") expand(event);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open()) return;
    control.collapse();
    toggle.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (open() && !box.contains(event.target) && !map.getContainer().contains(event.target)) control.collapse();
  });
}

/** The map of a page with everything around it. `box` is the element with class `mapbox`. */
export class MapView {
  constructor(box, { legend = true, filled = false } = {}) {
    this.box = box;
    const map = window.map_live;
    this.map = map;
    map.setMinZoom(ZOOMS.min).setMaxZoom(ZOOMS.max);
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", box.getAttribute("aria-label"));
    container.setAttribute("aria-describedby", "map-help");
    this.base = new BaseMap(map, page.urls?.base_tiles || "/tiles/base/{z}/{x}/{y}.mvt",
      { onstate: (ok) => this.tilesCame(ok), filled }).addTo(hook("base"));
    this.overlay = new Overlay(map, this.base);
    // Names of streets come with their tiles: labels look again for free places after them.
    this.base.layer.on("load", () => {
      container.dataset.drawn = "yes";
      this.overlay.redraw();
    });
    this.controls(legend);
    layerControl(map);
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(container);
    this.say = this.say.bind(this);
  }

  find(selector) {
    return this.box.querySelector(selector);
  }

  controls(legend) {
    const { map } = this;
    this.find(".zoom-in")?.addEventListener("click", () => map.zoomIn());
    this.find(".zoom-out")?.addEventListener("click", () => map.zoomOut());
    if (this.find(".scale")) new Scale(this.find(".scale"), map);
    if (legend && this.find(".legend")) new Legend(this.find(".legend"), this.overlay);
    const toggle = this.find(".legend-toggle");
    toggle?.addEventListener("click", () => {
      const open = this.box.classList.toggle("legend-open");
      toggle.setAttribute("aria-expanded", String(open));
    });
    if (this.find(".locate")) {
      locating(this.find(".locate"), map, this.overlay, (words) => this.say(words));
    }
    window.addEventListener("themechange", () => {
      this.base.repaint();
      this.overlay.redraw();
    });
  }

  /** A search form in the map box; `choose(result)` is told after the map has gone there. */
  search(choose) {
    const form = this.find(".search");
    if (!form) return;
    new Search(form, page.urls?.search || "/api/search", (result) => {
      this.map.setView([result.lat, result.lon], Math.max(this.map.getZoom(), 16));
      choose(result);
    });
  }

  /** Clicks, and Enter for what is in the middle, choose: `chosen(hit, lonlat)`. */
  onchoose(chosen) {
    const at = (layerPoint) => {
      const { lng, lat } = this.map.layerPointToLatLng(layerPoint);
      chosen(this.overlay.hit(layerPoint.x, layerPoint.y), [lng, lat]);
    };
    this.map.on("click", (event) => at(event.layerPoint));
    this.map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== this.map.getContainer()) return;
      const middle = this.map.getSize().divideBy(2);
      at(this.map.containerPointToLayerPoint(middle));
    });
  }

  select(layer, id) {
    this.overlay.select(layer ? { layer, id } : null);
  }

  goTo(lon, lat, zoom = 16) {
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), zoom));
  }

  /** Fit west, south, east, north. */
  fit([west, south, east, north], zoom = 18) {
    this.map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: zoom });
  }

  say(words) {
    const line = this.find(".map-note");
    if (!line) return;
    line.textContent = words;
    line.hidden = !words;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => {
      line.hidden = true;
    }, 8000);
  }

  tilesCame(ok) {
    if (ok === this.tilesOk) return;
    const recovered = this.tilesOk === false && ok;
    this.tilesOk = ok;
    if (!ok) this.say(_("底图没取到。符号和数据还在"));
    if (recovered) this.base.retry();
  }
}
