// Households from vector tiles: single dots near by, counted heaps farther away.
// Tiles are drawn on our own canvas, so that no symbol is cut at the edge of a tile.
import { tileCache } from "../source.js";
import { boxAround } from "../placing.js";
import { number } from "../../core/format.js";
import { hatch, ring, tag } from "../glyphs.js";
import { FeatureLayer } from "./layer.js";

const TILE = 256;
const SINGLE = 16; // From this zoom on a tile holds single households.
const FINEST = 17;

/** The tiles of a zoom level that meet a box of world shares. */
export function tilesIn(bounds, zoom) {
  const last = 2 ** zoom - 1;
  const clamp = (value) => Math.min(last, Math.max(0, Math.floor(value * 2 ** zoom)));
  const tiles = [];
  for (let x = clamp(bounds.minX); x <= clamp(bounds.maxX); x++) {
    for (let y = clamp(bounds.minY); y <= clamp(bounds.maxY); y++) tiles.push({ z: zoom, x, y });
  }
  return tiles;
}

/** Radius of a heap of `count` households. */
export function heapRadius(count) {
  return Math.min(26, 11 + Math.sqrt(count) * 0.55);
}

/** Add up heaps that would overlap; heaps of one look only, largest first. */
export function mergeHeaps(heaps, apart = 52) {
  const merged = [];
  const rows = new Map();
  for (const heap of [...heaps].sort((one, other) => other.count - one.count)) {
    const [cx, cy] = [Math.round(heap.x / apart), Math.round(heap.y / apart)];
    let home = null;
    for (let dx = -1; dx <= 1 && !home; dx++) {
      for (let dy = -1; dy <= 1 && !home; dy++) {
        home = (rows.get(`${cx + dx}:${cy + dy}`) || []).find((other) =>
          Math.hypot(other.x - heap.x, other.y - heap.y) < apart);
      }
    }
    if (home) {
      home.count += heap.count;
      home.needs += heap.needs;
      home.uncovered += heap.uncovered;
      continue;
    }
    const fresh = { ...heap };
    merged.push(fresh);
    const key = `${cx}:${cy}`;
    rows.set(key, [...(rows.get(key) || []), fresh]);
  }
  return merged;
}

export class HouseholdLayer extends FeatureLayer {
  /** `coverage`: tiles of a run, whose households carry covered, reason and band.
   *  `quiet`: dots at every zoom, never heaps, so that nothing competes with incidents. */
  constructor(group, pattern, { coverage = false, from = 13, quiet = false } = {}) {
    super("household", group, 20);
    this.coverage = coverage;
    this.from = from;
    this.coarsest = quiet ? SINGLE : 0;
    this.quiet = quiet;
    this.setPattern(pattern);
  }

  /** Show tiles of another address, or of the same one when its data has changed. */
  setPattern(pattern) {
    this.pattern = pattern;
    this.cache = pattern ? tileCache(pattern, TILE) : null;
    this.ready = new Map();
    this.changed?.();
  }

  tiles(view) {
    const zoom = Math.min(Math.max(view.zoom, this.coarsest), FINEST);
    const corner = (x, y) => [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const [minX, minY] = corner(view.bounds.minX, view.bounds.minY);
    const [maxX, maxY] = corner(view.bounds.maxX, view.bounds.maxY);
    return tilesIn({ minX, minY, maxX, maxY }, zoom);
  }

  /** Features of the tiles in view that have come; asks for the others. */
  collect(view) {
    if (!this.cache || view.zoom < this.from) return [];
    const seen = new Map();
    for (const tile of this.tiles(view)) {
      const key = `${tile.z}/${tile.x}/${tile.y}`;
      if (!this.ready.has(key)) {
        this.request(tile, key);
        continue;
      }
      for (const feature of this.ready.get(key)) {
        seen.set(feature.key, feature);
      }
    }
    return [...seen.values()];
  }

  request(tile, key) {
    const { cache, ready } = this;
    ready.set(key, []);
    cache.get(tile).then((layers) => {
      ready.set(key, (layers.get("households") || []).map((feature) => this.feature(feature, tile)));
      if (ready.size > 400) ready.delete(ready.keys().next().value);
      if (cache === this.cache) this.changed();
    }, () => ready.delete(key));
  }

  feature({ props, geom }, tile) {
    const [point] = geom[0];
    const side = 2 ** tile.z;
    const world = [(tile.x + point.x / TILE) / side, (tile.y + point.y / TILE) / side];
    const key = props.id ?? `${world[0].toFixed(9)}:${world[1].toFixed(9)}`;
    return { key, props, world };
  }

  reserve(view) {
    const features = this.collect(view).map(({ props, world }) => {
      const [x, y] = view.at(...world);
      return { props, x, y };
    });
    const heaps = features.filter(({ props }) => Number(props.count) > 1 || props.id === undefined);
    this.singles = features.filter(({ props }) => props.id !== undefined && !(Number(props.count) > 1));
    this.heaps = mergeHeaps(heaps.map(({ props, x, y }) => ({
      x, y, count: Number(props.count) || 1, needs: Number(props.needs) || 0,
      uncovered: Number(props.uncovered) || (props.covered === false ? Number(props.count) || 1 : 0),
    })));
    for (const { x, y, count } of this.heaps) {
      view.boxes.take(boxAround(x, y, heapRadius(count) * 2, heapRadius(count) * 2));
    }
    this.drawn = this.singles.map(({ props, x, y }) => ({ item: { id: String(props.id), props }, x, y }));
    for (const { x, y } of this.singles.filter(({ props }) => props.needs && view.zoom >= SINGLE)) {
      view.boxes.take(boxAround(x, y, 8, 8));
    }
  }

  draw(view) {
    this.drawHeaps(view);
    this.drawSingles(view);
    const chosen = this.drawn?.find(({ item }) => view.isSelected(this.id, item.id));
    if (chosen) ring(view.ctx, chosen.x, chosen.y, 12, view.colours);
  }

  drawHeaps(view) {
    const { ctx, colours } = view;
    const lines = hatch(ctx, colours.gapInk, { ground: colours.gapFill, pitch: 6, width: 1.4, opacity: 0.6 });
    for (const { x, y, count, uncovered } of this.heaps || []) {
      const radius = heapRadius(count);
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, Math.PI * 2);
      ctx.globalAlpha = 0.9;
      ctx.fillStyle = this.coverage ? colours.seq2 : colours.surface;
      ctx.fill();
      if (this.coverage && uncovered) {
        ctx.beginPath();
        ctx.moveTo(x, y);
        ctx.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + (Math.PI * 2 * uncovered) / count);
        ctx.closePath();
        ctx.fillStyle = lines;
        ctx.fill();
        ctx.beginPath();
        ctx.arc(x, y, radius, 0, Math.PI * 2);
      }
      ctx.globalAlpha = 1;
      ctx.lineWidth = 1.5;
      ctx.strokeStyle = colours.house;
      ctx.stroke();
      tag(ctx, number(count), x, y + 0.5, colours, { size: 12, halo: 3, fill: colours.ink });
    }
  }

  drawSingles(view) {
    const { ctx, colours } = view;
    const size = [1.5, 2.4, 3.2, 4][Math.max(0, Math.min(3, view.zoom - 15))];
    const plain = new window.Path2D();
    const needing = [];
    const bands = [0, 1, 2, 3].map(() => new window.Path2D());
    const missed = [];
    for (const { props, x, y } of this.singles || []) {
      if (this.coverage && props.covered === false) missed.push([x, y]);
      else if (this.coverage) circle(bands[Math.min(3, Number(props.band) || 0)], x, y, size + 0.8);
      else if (props.needs) needing.push([x, y]);
      else circle(plain, x, y, size);
    }
    ctx.fillStyle = colours.house;
    ctx.fill(plain);
    bands.forEach((path, band) => {
      ctx.fillStyle = [colours.seq1, colours.seq2, colours.seq3, colours.seq4][band];
      ctx.fill(path);
      ctx.lineWidth = 1;
      ctx.strokeStyle = colours.ink2;
      if (this.coverage) ctx.stroke(path);
    });
    this.drawMissed(ctx, colours, missed, size + 1.2);
    this.drawNeeding(ctx, colours, needing, size + 1);
  }

  drawNeeding(ctx, colours, needing, radius) {
    for (const [x, y] of needing) {
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, Math.PI * 2);
      ctx.fillStyle = colours.surface;
      ctx.fill();
      ctx.lineWidth = this.quiet ? 1.2 : 2;
      ctx.strokeStyle = this.quiet ? colours.house : colours.ink;
      ctx.stroke();
    }
  }

  /** Not reached: a cross, which no colour is needed to see. */
  drawMissed(ctx, colours, missed, arm) {
    const marks = thinned(missed, arm * 2 + 2);
    for (const [width, colour] of [[4, colours.halo], [1.8, colours.gapInk]]) {
      ctx.beginPath();
      for (const [x, y] of marks) {
        ctx.moveTo(x - arm, y - arm);
        ctx.lineTo(x + arm, y + arm);
        ctx.moveTo(x + arm, y - arm);
        ctx.lineTo(x - arm, y + arm);
      }
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
  }

  hit(x, y) {
    let [best, least] = [null, 14 * 14];
    for (const drawn of this.drawn || []) {
      const away = (drawn.x - x) ** 2 + (drawn.y - y) ** 2;
      if (away <= least) [best, least] = [drawn, away];
    }
    return best && { id: best.item.id, props: best.item.props };
  }

  legend() {
    const entries = [];
    if (this.heaps?.length) entries.push({ symbol: "heap", words: "户数" });
    if (this.coverage) return entries;
    if (this.singles?.length) entries.push({ symbol: "household", words: "住户" });
    if (this.singles?.some(({ props }) => props.needs)) {
      entries.push({ symbol: "needs", words: "要帮助的住户" });
    }
    return entries;
  }
}

/** Marks that would lie on one another become one: a building is one cross, not thirty. */
export function thinned(points, cell) {
  const kept = new Map();
  for (const point of points) {
    const key = `${Math.round(point[0] / cell)}:${Math.round(point[1] / cell)}`;
    if (!kept.has(key)) kept.set(key, point);
  }
  return [...kept.values()];
}

function circle(path, x, y, radius) {
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, Math.PI * 2);
}
