// The base map: our own vector tiles, painted with the tokens of the page's theme.
// Ground and streets are two layers over one cache, so that fills of grids lie between them.
import { roadRules } from "./roads.js";
import { AreaName, RoadName } from "./names.js";
import { palette } from "./palette.js";
import { tileCache } from "./source.js";

const DATA_ZOOM = 16; // The finest tiles that are asked for; nearer views enlarge them.
const TILE = 512; // A tile covers 2 x 2 screen tiles: a quarter of the requests.

export const PANES = { ground: 210, fills: 220, streets: 230, symbols: 410 };

function area(dataLayer, fill, minzoom = 0, opacity = 1) {
  return { dataLayer, minzoom, symbolizer: new protomapsL.PolygonSymbolizer({ fill, opacity }) };
}

function groundRules(colours) {
  return [area("green", colours.green), area("water", colours.water)];
}

function streetRules(colours) {
  return [area("buildings", colours.building, 15), ...roadRules(colours)];
}

const BIG = ["trunk", "primary"];
const MIDDLE = ["secondary", "tertiary"];

function nameRule(colours, classes, minzoom, size) {
  return {
    dataLayer: "roads",
    minzoom,
    filter: (zoom, feature) => classes.includes(feature.props.class) && Boolean(feature.props.name),
    symbolizer: new RoadName({
      size, fill: colours.text, halo: colours.halo, family: colours.font,
    }),
  };
}

function wordRule(dataLayer, colours, minzoom) {
  const water = dataLayer === "water";
  return {
    dataLayer,
    minzoom,
    filter: (zoom, feature) => Boolean(feature.props.name),
    symbolizer: new AreaName({
      size: water ? 16 : 15,
      fill: water ? colours.waterText : colours.text,
      halo: water ? colours.water : colours.halo,
      family: colours.font,
      spaced: water,
    }),
  };
}

function labelRules(colours) {
  return [
    wordRule("places", colours, 12),
    nameRule(colours, BIG, 14, 14),
    wordRule("water", colours, 13),
    nameRule(colours, MIDDLE, 15, 14),
    nameRule(colours, ["residential", "link"], 16, 13),
    nameRule(colours, ["service", "foot"], 17, 13),
  ];
}

function makeLayer(pane, views, rules) {
  const layer = protomapsL.leafletLayer({
    url: "/unused", // The views below take its place: the library insists on an address.
    pane,
    attribution: "",
    maxDataZoom: DATA_ZOOM,
    noWrap: false,
    keepBuffer: 3,
    tileDelay: 1,
    updateWhenZooming: false,
    devicePixelRatio: Math.min(2, window.devicePixelRatio || 1),
    ...rules,
  });
  layer.views = views;
  return layer;
}

/** The base map on `map`; `onstate(ok)` hears whether tiles come. */
export class BaseMap {
  constructor(map, pattern, onstate) {
    this.map = map;
    for (const [name, index] of Object.entries(PANES)) {
      const pane = map.getPane(name) || map.createPane(name);
      pane.style.zIndex = index;
      pane.style.pointerEvents = "none";
    }
    const view = new protomapsL.View(tileCache(pattern, TILE, onstate), DATA_ZOOM, 1);
    const views = new Map([["", view]]);
    const colours = palette();
    this.ground = makeLayer("ground", views, { paintRules: groundRules(colours) });
    this.streets = makeLayer("streets", views, {
      paintRules: streetRules(colours), labelRules: labelRules(colours),
    });
  }

  addTo(group) {
    group.addLayer(this.ground);
    group.addLayer(this.streets);
    return this;
  }

  /** Draw again in the colours of the theme that the page now has. */
  repaint() {
    const colours = palette();
    this.ground.paintRules = groundRules(colours);
    this.streets.paintRules = streetRules(colours);
    this.streets.labelRules = labelRules(colours);
    this.streets.clearLayout();
    this.ground.rerenderTiles();
    this.streets.rerenderTiles();
  }

  /** Ask again for tiles that did not come. */
  retry() {
    this.ground.redraw();
    this.streets.redraw();
  }

  /** True when a street name stands in this box (world pixels at the zoom of the map). */
  nameAt(box) {
    const index = this.streets.labelers.getIndex(this.map.getZoom());
    return Boolean(index) && index.bboxCollides(box, Infinity);
  }
}
