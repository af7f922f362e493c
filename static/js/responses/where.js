// The map of calls for departments: a place put by a tap, and the place of one call looked at.
import { byId } from "../core/dom.js";
import { Noun } from "../core/nouns.js";
import { _ } from "../core/words.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { PinLayer } from "../map/layers/pin.js";
import { hook, MapView } from "../map/view.js";

const rounded = (degrees) => Number(degrees.toFixed(6));
let held = null;

/** The map, made when it is first needed: most who look at responses need none. */
function open(words) {
  const section = byId("panel-where");
  section.hidden = false;
  byId("where-title").textContent = words;
  if (!held) {
    const view = new MapView(section.querySelector(".mapbox"), { legend: false });
    held = { view, pin: view.overlay.add(new PinLayer()), chosen: null };
    for (const [name, Layer, url] of [["communities", CommunityLayer, "/api/areas?level=community"], ["grids", GridLayer, "/api/grids"]]) {
      const layer = view.overlay.add(new Layer(hook(name)));
      const noun = new Noun(url);
      noun.addEventListener("change", () => layer.setData(noun.collection));
      // the pin stands without the lines of the grids as well: the streets are there
      noun.load().then(() => noun.error && view.say(_("网格没取到，街道还在")));
    }
    view.onchoose((_hit, at) => held.chosen?.(at.map(rounded)));
    byId("where-close").addEventListener("click", close);
  }
  held.chosen = null;
  held.view.map.invalidateSize({ animate: false }); // hidden, it had no size
  section.scrollIntoView({ block: "nearest" });
  return held;
}

export function close() {
  byId("panel-where").hidden = true;
  if (held) held.chosen = null;
}

/** Let a place be put by a tap: `chosen([lon, lat])` hears of every one. */
export function ask(chosen, before = null) {
  const map = open(_("点地图，放在要人的地方"));
  map.pin.put(before);
  map.chosen = (at) => {
    map.pin.put(at);
    chosen(at);
  };
}

/** Show where somebody calls from. */
export function look(one) {
  const map = open(one.place);
  map.pin.put(one.point);
  map.view.goTo(...one.point, 17);
}
