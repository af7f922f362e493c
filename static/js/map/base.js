// The base map: our own vector tiles, painted with the tokens of the page's theme.
// It has no ground of its own: the colour of the land is the box's, and fills of grids lie under
// water, buildings and streets.
import { roadRules } from "./roads.js";
import { AreaName, RoadName } from "./names.js";
import { palette } from "./palette.js";
import { tileCache } from "./source.js";

const DATA_ZOOM = 16; // The finest tiles that are asked for; nearer views enlarge them.
const TILE = 512; // A tile covers 2 x 2 screen tiles: a quarter of the requests.

export const PANES = { fills: 220, streets: 230, symbols: 410 };

function area(dataLayer, fill, minzoom = 0, opacity = 1) {
  return { dataLayer, minzoom, symbolizer: new protomapsL.PolygonSymbolizer({ fill, opacity }) };
}

function paintRules(colours, filled) {
  // Over a fill a building is a shade of it; on the plain land it has its own colour.
  const buildings = filled
    ? area("buildings", colours.ink, 15, 0.1)
    : area("buildings", colours.building, 15);
  return [
    area("green", colours.green), area("water", colours.water), buildings, ...roadRules(colours),
  ];
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

// Names of quarters give way to the labels of grids until the map is near.
const TOWNS = ["city", "town", "county", "suburb", "village"];

function wordRule(dataLayer, colours, minzoom, wanted = () => true) {
  const water = dataLayer === "water";
  return {
    dataLayer,
    minzoom,
    filter: (zoom, feature) => Boolean(feature.props.name) && wanted(feature.props),
    symbolizer: new AreaName({
      size: water ? 16 : 15,
      fill: water ? colours.waterText : colours.text,
      halo: water ? colours.water : colours.halo,
      family: colours.font,
      spaced: water,
      english: document.documentElement.lang === "en",
    }),
  };
}

function labelRules(colours, filled) {
  const town = ({ kind }) => TOWNS.includes(kind);
  return [
    ...(filled ? [] : [wordRule("places", colours, 12, town)]),
    nameRule(colours, BIG, 14, 14),
    wordRule("water", colours, 13),
    nameRule(colours, MIDDLE, 15, 14),
    nameRule(colours, ["residential", "link"], 16, 13),
    wordRule("places", colours, filled ? 17 : 16, (props) => !town(props)),
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

/** The base map on `map`; `onstate(ok)` hears whether tiles come, `filled`: fills lie under it. */
export class BaseMap {
  constructor(map, pattern, { onstate = () => {}, filled = false } = {}) {
    this.map = map;
    this.filled = filled;
    for (const [name, index] of Object.entries(PANES)) {
      const pane = map.getPane(name) || map.createPane(name);
      pane.style.zIndex = index;
      pane.style.pointerEvents = "none";
    }
    const view = new protomapsL.View(tileCache(pattern, TILE, onstate), DATA_ZOOM, 1);
    const colours = palette();
    this.layer = makeLayer("streets", new Map([["", view]]), {
      paintRules: paintRules(colours, filled), labelRules: labelRules(colours, filled),
    });
  }

  addTo(group) {
    group.addLayer(this.layer);
    return this;
  }

  /** Draw again in the colours of the theme that the page now has. */
  repaint() {
    const colours = palette();
    this.layer.paintRules = paintRules(colours, this.filled);
    this.layer.labelRules = labelRules(colours, this.filled);
    this.layer.clearLayout();
    this.layer.rerenderTiles();
  }

  /** Ask again for tiles that did not come. */
  retry() {
    this.layer.redraw();
  }

  /** True when a street name stands in this box (world pixels at the zoom of the map). */
  nameAt(box) {
    const index = this.layer.labelers.getIndex(this.map.getZoom());
    return Boolean(index) && index.bboxCollides(box, Infinity);
  }
}
