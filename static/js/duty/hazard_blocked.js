// Ground that nobody can pass, drawn with a hazard: polygons with a hatch, each under the hand.
import { svg } from "../core/dom.js";
import { palette } from "../map/palette.js";

export const round = (value) => Math.round(value * 1e6) / 1e6;

/** A closed ring out of Leaflet's positions; null while there are fewer than three. */
export function ringOf(latlngs) {
  const ring = latlngs.map(({ lat, lng }) => [round(lng), round(lat)]);
  return ring.length < 3 ? null : [...ring, ring[0]];
}

/** The closed rings of a polygon, its border first and then its holes; none without a border. */
export function ringsOf([border = [], ...holes]) {
  const outer = ringOf(border);
  return outer ? [outer, ...holes.map((hole) => ringOf(hole)).filter(Boolean)] : [];
}

/** The ground nobody can pass: hatched polygons, each under the hand. */
export class BlockedGround {
  constructor(map, changed) {
    Object.assign(this, { map, changed, layers: [] });
    // the hatch that the style sheet fills these polygons with
    document.body.append(svg("svg", { class: "hatch-holder", width: 0, height: 0, "aria-hidden": "true" },
      svg("pattern", { id: "blocked-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("path", { class: "hatch-line", d: "M0 0V7" }))));
  }

  get count() {
    return this.layers.length;
  }

  /** Ink and a hatch, as it is drawn once it is declared: no colour of a warning. */
  options() {
    const { ink } = palette();
    const line = { color: ink, weight: 2.5, fillColor: ink, fillOpacity: 0.22, className: "blocked-ground" };
    return { templineStyle: line, hintlineStyle: { ...line, dashArray: "4 4" }, pathOptions: line };
  }

  add(layer, tell = true) {
    layer.pm.enable({ allowSelfIntersection: false, snappable: false });
    layer.on("pm:edit pm:vertexadded pm:vertexremoved", () => this.told());
    this.layers.push(layer);
    if (tell) this.told();
  }

  load(geometry) {
    const polygons = { Polygon: [geometry?.coordinates], MultiPolygon: geometry?.coordinates }[geometry?.type] || [];
    for (const rings of polygons) {
      this.add(L.polygon(rings.map((ring) => ring.slice(0, -1).map(([x, y]) => [y, x])), this.options().pathOptions).addTo(this.map), false);
    }
  }

  drop() {
    this.away(this.layers.pop());
    this.told();
  }

  away(layer) {
    layer.pm.disable();
    layer.remove();
  }

  clear() {
    this.layers.splice(0).forEach((layer) => this.away(layer));
  }

  told() {
    const polygons = this.layers.map((layer) => ringsOf(layer.getLatLngs())).filter((rings) => rings.length);
    this.changed(polygons.length ? { type: "MultiPolygon", coordinates: polygons } : null);
  }
}
