// Two maps that show the same place: what one is moved to, the other follows.
import { page } from "../core/page.js";
import { BaseMap } from "../map/base.js";
import { Overlay } from "../map/overlay.js";

const OPTIONS = { zoomControl: false, attributionControl: false, bounceAtZoomLimits: false };

/** The second map, made beside the shell's one: the same limits, the same base. */
export class SecondMap {
  constructor(container, first, words) {
    const { map } = first;
    this.map = L.map(container, {
      ...OPTIONS, center: map.getCenter(), zoom: map.getZoom(), maxBounds: map.options.maxBounds,
      minZoom: map.getMinZoom(), maxZoom: map.getMaxZoom(),
    });
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", words);
    container.setAttribute("aria-describedby", "map-help");
    const group = L.layerGroup().addTo(this.map);
    this.base = new BaseMap(this.map, page.urls?.base_tiles || "/tiles/base/{z}/{x}/{y}.mvt", { filled: true }).addTo(group);
    this.overlay = new Overlay(this.map, this.base);
    this.base.layer.on("load", () => {
      container.dataset.drawn = "yes";
      this.overlay.redraw();
    });
    window.addEventListener("themechange", () => {
      this.base.repaint();
      this.overlay.redraw();
    });
    new ResizeObserver(() => this.map.invalidateSize({ pan: false })).observe(container);
    this.map.on("zoomend", () => {
      container.dataset.zoom = String(this.map.getZoom());
    });
    follow(map, this.map);
    follow(this.map, map);
  }
}

/** Let `other` go where `one` is moved; what it does by itself moves nothing back. */
function follow(one, other) {
  one.on("move zoomend", () => {
    if (one.led) return;
    other.led = true;
    other.setView(one.getCenter(), one.getZoom(), { animate: false });
    other.led = false;
  });
}
