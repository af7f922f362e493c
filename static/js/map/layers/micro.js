// Micro-grids: thin dashed edges inside the grids, their numbers only near by; fetched once shown.
import { Noun } from "../../core/nouns.js";
import { measure, tag } from "../glyphs.js";
import { distanceSquared, toWorld } from "../mercator.js";
import { placeInside } from "../placing.js";
import { hook } from "../view.js";
import { FeatureLayer, REACH } from "./layer.js";

const LABEL = 12;
const NEAR = 16; // From this zoom on the numbers show.
const DASH = [4, 4];

/** The number of a micro-grid as it stands in its label. */
export const numberOf = (props) => String(props.label).split("-").pop();

/**
 * The edges of all, each once, as lines with the bounds of a shape they belong to: drawn for either
 * neighbour, the dashes of one would fill the gaps of the other.
 */
export function edgesOf(items) {
  const seen = new Set();
  const edges = [];
  for (const { shape } of items) {
    for (const line of shape.lines) {
      let run = null;
      for (let i = 0; i + 3 < line.length; i += 2) {
        const ends = [`${line[i]},${line[i + 1]}`, `${line[i + 2]},${line[i + 3]}`];
        const key = ends.sort().join(" ");
        if (seen.has(key)) {
          run = null;
          continue;
        }
        seen.add(key);
        if (!run) {
          run = [line[i], line[i + 1]];
          edges.push({ line: run, bounds: shape.bounds });
        }
        run.push(line[i + 2], line[i + 3]);
      }
    }
  }
  return edges;
}

export class MicroLayer extends FeatureLayer {
  constructor(group) {
    super("micro", group, 5);
  }

  item(feature) {
    const item = super.item(feature);
    if (item) item.label = toWorld(item.props.label_point);
    return item;
  }

  setData(collection) {
    super.setData(collection);
    this.edges = edgesOf(this.items);
  }

  seen(view) {
    return this.items.filter((item) => view.sees(view.box(item.shape.bounds)));
  }

  reserve(view) {
    this.labels = [];
    if (view.zoom < NEAR) return;
    for (const item of this.seen(view)) {
      const words = numberOf(item.props);
      const [width, height] = [measure(view.ctx, words, LABEL, view.colours) + 6, LABEL + 4];
      const lines = item.shape.lines.map((line) => view.line(line));
      const place = placeInside(lines, view.box(item.shape.bounds), view.at(...item.label), width, height,
        (box) => view.free(box));
      if (!place) continue;
      const [x, y] = place;
      view.boxes.take({ minX: x - width / 2, minY: y - height / 2, maxX: x + width / 2, maxY: y + height / 2 });
      this.labels.push({ words, x, y });
    }
  }

  draw(view) {
    if (view.zoom < 14) return;
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    view.trace((this.edges || []).filter(({ bounds }) => view.sees(view.box(bounds))).map(({ line }) => line), false);
    ctx.setLineDash(DASH);
    ctx.lineWidth = 1.2;
    ctx.strokeStyle = colours.ink2;
    ctx.stroke();
    ctx.setLineDash([]);
    const chosen = this.items.find(({ id }) => view.isSelected(this.id, id));
    if (!chosen) return;
    view.trace(chosen.shape.lines, true);
    ctx.lineWidth = 6;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
    ctx.setLineDash(DASH);
    ctx.lineWidth = 3;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  drawWords({ ctx, colours }) {
    for (const { words, x, y } of this.labels || []) {
      tag(ctx, words, x, y, colours, { size: LABEL, weight: 400, fill: colours.ink2 });
    }
  }

  /** At its edge; what is inside belongs to the grid under it. */
  hit(x, y, view) {
    if (view.zoom < NEAR) return null;
    const place = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const reach = REACH / 4 / view.scale;
    const item = this.seen(view).find(({ shape }) => distanceSquared(shape.lines, ...place) <= reach * reach);
    return item ? { id: item.id, props: item.props } : null;
  }

  legend() {
    return this.items.length ? [{ symbol: "micro", words: "微网格" }] : [];
  }
}

/** The micro-grids of a map: asked for when somebody switches them on, and kept true from then on. */
export class MicroGrids {
  constructor({ map, overlay }, url) {
    const group = hook("micro_grids");
    this.layer = overlay.add(new MicroLayer(group));
    this.noun = new Noun(url);
    this.shown = () => map.hasLayer(group);
    this.noun.addEventListener("change", () => this.layer.setData(this.noun.collection));
    map.on("overlayadd", ({ layer }) => layer === group && this.noun.load());
    this.show = () => !this.shown() && map.addLayer(group);
  }

  /** Follow a feed: what changes grids changes their parts. */
  follow(feed) {
    const refresh = () => this.shown() && this.noun.refresh();
    feed.addEventListener("change", ({ detail }) => {
      if (["grid", "grids", "micro_grid", "micro_grids", "town"].includes(detail.subject)) refresh();
    });
    feed.addEventListener("resumed", refresh);
  }

  /** Show those of another address: of another day. */
  from(url) {
    Object.assign(this.noun, { url, etag: null });
    if (this.shown()) this.noun.load();
  }
}
