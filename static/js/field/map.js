// The one map of the tablet: my grid at home, the pin in a report. It moves between the two views.
import { toWorld, metresPerPixel } from "../map/mercator.js";
import { HazardLayer } from "../map/layers/hazards.js";
import { IncidentLayer } from "../map/layers/incidents.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { MicroLayer } from "../map/layers/micro.js";
import { MapView } from "../map/view.js";
import { tag } from "../map/glyphs.js";
import { boxAround } from "../map/placing.js";
import { boundsOf } from "./where.js";

// Where a circle may stand, in pixels from its house: on it, else beside it.
const ASIDE = [[0, 0], ...[36, 60, 84].flatMap((far) => [
  [far, 0], [-far, 0], [0, -far], [0, far], [far, -far], [-far, far], [far, far], [-far, -far],
])];

/** My grids: a strong edge, and paper over everything that is not mine. */
class MineLayer extends FeatureLayer {
  constructor() {
    super("grid", null, 10);
  }

  draw(view) {
    const { ctx, colours, bounds } = view;
    if (!this.items.length) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bounds.minX, bounds.minY, bounds.maxX - bounds.minX, bounds.maxY - bounds.minY);
    for (const { shape } of this.items.filter(({ props }) => props.mine)) this.trace(view, shape);
    ctx.globalAlpha = 0.62;
    ctx.fillStyle = colours.paper;
    ctx.fill("evenodd");
    ctx.globalAlpha = 0.85;
    for (const { shape, props } of this.items) {
      ctx.beginPath();
      this.trace(view, shape);
      ctx.lineJoin = "round";
      ctx.lineWidth = props.mine ? 4 : 1.3;
      ctx.strokeStyle = props.mine ? colours.accent : colours.grid;
      ctx.stroke();
    }
    ctx.restore();
    this.labels(view);
  }

  trace({ ctx, scale, origin }, { lines }) {
    for (const line of lines) {
      for (let i = 0; i < line.length; i += 2) {
        ctx.lineTo(line[i] * scale - origin.x, line[i + 1] * scale - origin.y);
        if (i === 0) ctx.moveTo(line[i] * scale - origin.x, line[i + 1] * scale - origin.y);
      }
      ctx.closePath();
    }
  }

  labels(view) {
    if (view.zoom < 15) return;
    for (const { props } of this.items) {
      if (!props.label_point || (props.mine && this.single)) continue;
      const [x, y] = view.at(...toWorld(props.label_point));
      tag(view.ctx, props.label, x, y, view.colours, { fill: view.colours.grid, weight: props.mine ? 700 : 400 });
    }
  }

  get single() {
    return this.items.filter(({ props }) => props.mine).length === 1;
  }

  legend() {
    return this.items.length ? [{ symbol: "grid", words: "网格界" }] : [];
  }
}

/** Households of my grid as dots; those that need help as rings. */
class HomeLayer extends FeatureLayer {
  constructor() {
    super("home", null, 5);
  }

  draw(view) {
    if (view.zoom < 16) return;
    const { ctx, colours } = view;
    const size = view.zoom > 17 ? 3.2 : 2.4;
    for (const { needs, x, y } of this.heaped(view, size * 2 + 1)) {
      ctx.beginPath();
      ctx.arc(x, y, needs ? size + 1 : size, 0, Math.PI * 2);
      ctx.fillStyle = needs ? colours.surface : colours.house;
      ctx.fill();
      ctx.lineWidth = 1.6;
      ctx.strokeStyle = colours.ink;
      if (needs) ctx.stroke();
    }
  }

  /** The homes of one house lie on one another: one dot stands for those in its place. */
  heaped(view, cell) {
    const kept = new Map();
    for (const { item, x, y } of this.points(view)) {
      const key = `${Math.round(x / cell)}:${Math.round(y / cell)}`;
      const needs = item.props.needs.length > 0 || Boolean(kept.get(key)?.needs);
      kept.set(key, { needs, x: Math.round(x / cell) * cell, y: Math.round(y / cell) * cell });
    }
    return [...kept.values()].sort((one, other) => one.needs - other.needs);
  }

  legend() {
    return this.items.length ? [{ symbol: "household", words: "住户" }, { symbol: "needs", words: "要帮助的住户" }] : [];
  }
}

/** The stops of the day with their numbers; the next one is filled. */
class StopLayer extends FeatureLayer {
  constructor() {
    super("stop", null, 95);
  }

  /** A circle steps aside where an incident or another stop stands, and points to its house. */
  reserve(view) {
    this.drawn = this.hidden ? [] : this.points(view).map(({ item, x, y }) => {
      const [dx, dy] = ASIDE.find(([right, down]) => view.boxes.claim(boxAround(x + right, y + down, 34, 34))) || ASIDE[0];
      return { item, x: x + dx, y: y + dy, house: [x, y] };
    });
  }

  draw(view) {
    const { ctx, colours } = view;
    const stops = [...(this.drawn || [])].reverse();
    ctx.beginPath();
    for (const { x, y, house } of stops) {
      ctx.moveTo(...house);
      ctx.lineTo(x, y);
    }
    ctx.lineWidth = 2;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
    for (const { item, x, y } of stops) {
      const next = item.props.number === 1;
      ctx.beginPath();
      ctx.arc(x, y, 15, 0, Math.PI * 2);
      ctx.fillStyle = next ? colours.accent : colours.surface;
      ctx.fill();
      ctx.lineWidth = 3;
      ctx.strokeStyle = next ? colours.surface : colours.accent;
      ctx.stroke();
      tag(ctx, String(item.props.number), x, y + 1, colours, {
        size: 16, fill: next ? colours.onAccent : colours.accent, halo: 0.01,
      });
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }
}

/** How sure the device is of its position: a circle round what it said. */
class AccuracyLayer {
  constructor() {
    Object.assign(this, { id: "accuracy", importance: 110, place: null, changed: () => {} });
  }

  put(place) {
    this.place = place;
    this.changed();
  }

  draw(view) {
    if (!this.place?.accuracy) return;
    const { ctx, colours } = view;
    const [x, y] = view.at(...toWorld([this.place.lon, this.place.lat]));
    ctx.beginPath();
    ctx.arc(x, y, this.place.accuracy / metresPerPixel(this.place.lat, view.zoom), 0, Math.PI * 2);
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = colours.accent;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
  }
}

const point = (lon, lat) => ({ type: "Point", coordinates: [lon, lat] });
const collection = (features) => ({ type: "FeatureCollection", features });

export class FieldMap {
  constructor(box) {
    this.view = new MapView(box);
    const { overlay } = this.view;
    this.map = this.view.map;
    // Without a network the tiles beyond my grid are missing, and the banner says why.
    this.view.tilesCame = (ok) => {
      if (ok && this.tilesMissing) this.view.base.retry();
      this.tilesMissing = !ok;
    };
    this.layers = {
      mine: overlay.add(new MineLayer()),
      parts: overlay.add(new MicroLayer(null)),
      homes: overlay.add(new HomeLayer()),
      hazards: overlay.add(new HazardLayer(null)),
      stops: overlay.add(new StopLayer()),
      reports: overlay.add(new IncidentLayer(null)),
      accuracy: overlay.add(new AccuracyLayer()),
    };
  }

  /** Draw at the size that the box has now. */
  resized() {
    this.map.invalidateSize({ pan: false });
  }

  setGrids(grids, mine) {
    const own = new Set(mine.map(({ code }) => code));
    const other = grids.filter(({ code }) => !own.has(code));
    this.layers.mine.setData(collection([...other, ...mine].map(({ geometry, ...props }) => ({
      type: "Feature", geometry, properties: { ...props, mine: own.has(props.code) },
    }))));
    this.bounds = boundsOf(mine.map(({ geometry }) => geometry));
  }

  setHomes(homes) {
    this.layers.homes.setData(collection(homes.map((home) => ({
      type: "Feature", geometry: point(home.lon, home.lat), properties: home,
    }))));
  }

  setStops(stops) {
    this.layers.stops.setData(collection(stops.map((stop, i) => ({
      type: "Feature", geometry: Number.isFinite(stop.lon) ? point(stop.lon, stop.lat) : null,
      properties: { id: stop.id, number: i + 1 },
    }))));
  }

  /** My whole grid; false when it is not known yet. */
  showMine(zoom = 18) {
    if (!this.bounds) return false;
    const [west, south, east, north] = this.bounds;
    this.map.fitBounds([[south, west], [north, east]], { padding: [16, 16], maxZoom: zoom, animate: false });
    return true;
  }

  goTo(lon, lat, zoom) {
    this.map.setView([lat, lon], zoom || this.map.getZoom(), { animate: false });
  }

  /** Zooming holds the middle while a pin stands there. */
  holdMiddle(held) {
    this.layers.stops.hidden = held;
    this.layers.stops.changed();
    for (const way of ["scrollWheelZoom", "touchZoom", "doubleClickZoom"]) {
      this.map.options[way] = held ? "center" : true;
    }
  }

  /** Hear when the person's own hand has moved the map: by dragging or by arrow keys. */
  onhand(heard) {
    let hand = false;
    this.map.on("dragstart", () => {
      hand = true;
    });
    this.map.getContainer().addEventListener("keydown", (event) => {
      hand ||= event.key.startsWith("Arrow");
    });
    this.map.on("moveend", () => {
      if (!hand || this.map.dragging.moving()) return;
      hand = false;
      const { lng, lat } = this.map.getCenter();
      heard([lng, lat]);
    });
  }
}
