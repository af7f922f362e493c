// Handles on the map: elements of ours that Leaflet moves. 12 px drawn, 44 px to grab.
import { el } from "../core/dom.js";

const PANE = "handles";

/** Make the panes of lines in hand and of their handles, above the symbols. */
export function makePanes(map) {
  for (const [name, index] of [["hand", 420], [PANE, 640]]) {
    const pane = map.getPane(name) || map.createPane(name);
    pane.style.zIndex = index;
  }
  map.getPane("hand").style.pointerEvents = "none";
}

/** An icon that is an element made here: no HTML in a string. */
function handleIcon(name, label) {
  const Icon = L.Class.extend({
    options: {},
    createIcon() {
      // A fixed end is only drawn: there is nothing to press.
      const words = name === "end" ? { "aria-hidden": "true" } : { "aria-label": label };
      return el("div", { class: `handle ${name}`, ...words }, el("i", { "aria-hidden": "true" }));
    },
    createShadow() {
      return null;
    },
  });
  return new Icon();
}

const toLatLng = ([lon, lat]) => [lat, lon];
const toPlace = ({ lng, lat }) => [lng, lat];

/** A handle: `kind` is vertex, end or middle; events tell the place it is dragged to. */
export function handle(map, place, { kind, label, ondrag, ondrop, onkey, onclick }) {
  const fixed = kind === "end";
  const marker = L.marker(toLatLng(place), {
    icon: handleIcon(kind, label), draggable: !fixed, keyboard: !fixed, pane: PANE,
    autoPan: !fixed, bubblingMouseEvents: false, interactive: !fixed,
  });
  marker.on("drag", () => {
    const shown = ondrag?.(toPlace(marker.getLatLng()));
    if (shown) marker.setLatLng(toLatLng(shown));
  });
  marker.on("dragend", () => ondrop?.());
  marker.on("click", () => onclick?.());
  marker.on("add", () => {
    const icon = marker.getElement();
    if (!fixed && onkey) {
      icon.addEventListener("keydown", (event) => onkey(event));
      // The map would take the arrow keys for itself.
      icon.addEventListener("keydown", (event) => event.key.startsWith("Arrow") && event.stopPropagation());
    }
  });
  return marker.addTo(map);
}

/** A line in hand: white casing, accent, drawn as SVG so that it follows a drag at once. */
export class HandLine {
  constructor(map, { name = "hand-line" } = {}) {
    this.map = map;
    this.renderer = L.svg({ pane: "hand" });
    const options = { interactive: false, renderer: this.renderer, pane: "hand" };
    this.casing = L.polyline([], { ...options, className: `${name}-case` });
    this.line = L.polyline([], { ...options, className: name });
  }

  show(places) {
    const latLngs = places.map(toLatLng);
    for (const line of [this.casing, this.line]) {
      line.setLatLngs(latLngs);
      if (!this.map.hasLayer(line)) line.addTo(this.map);
    }
  }

  dim(waiting) {
    const path = this.line.getElement();
    if (path) path.classList.toggle("waiting", waiting);
  }

  remove() {
    this.casing.remove();
    this.line.remove();
  }
}
