// Grids and communities: quiet edges, a label wholly inside each grid, optional fill by a value.
import { placeInside } from "../placing.js";
import { inside, toWorld } from "../mercator.js";
import { hatch, measure, tag } from "../glyphs.js";
import { FeatureLayer } from "./layer.js";

const LABEL = 14;

/** Edges of grids with their labels; `paint(item, colours)` may give a fill, `note(item)` a figure. */
export class GridLayer extends FeatureLayer {
  /** `neutral`: grey edges, where routes have the accent. */
  constructor(group, { paint = null, note = null, neutral = false } = {}) {
    super("grid", group, 10);
    Object.assign(this, { paint, note, neutral });
  }

  edge(colours) {
    return this.paint || (this.neutral && !colours.dark) ? colours.ink2 : colours.grid;
  }

  item(feature) {
    const item = super.item(feature);
    if (!item) return null;
    const point = item.props.label_point;
    const { bounds } = item.shape;
    item.id = String(item.props.code);
    item.label = point
      ? toWorld(point)
      : [(bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2];
    return item;
  }

  seen(view) {
    return this.items.filter((item) => view.sees(view.box(item.shape.bounds)));
  }

  fill(view) {
    if (!this.paint) return;
    const { ctx, colours } = view;
    const hatched = hatch(ctx, colours.gapInk, { ground: colours.gapFill, width: 1.6, opacity: 0.62 });
    for (const item of this.seen(view)) {
      const colour = this.paint(item, colours);
      if (!colour) continue;
      view.trace(item.shape.lines, true);
      ctx.fillStyle = colour === "hatch" ? hatched : colour;
      ctx.fill("evenodd");
    }
  }

  reserve(view) {
    this.labels = [];
    if (view.zoom < 14) return;
    for (const item of this.seen(view)) {
      const words = [item.props.label];
      const note = this.note?.(item);
      if (note) words.push(note);
      const label = this.place(view, item, words) ||
        (note ? this.place(view, item, words.slice(0, 1)) : null);
      if (label) this.labels.push(label);
    }
  }

  place(view, item, words) {
    const width = Math.max(...words.map((line) => measure(view.ctx, line, LABEL, view.colours))) + 6;
    const height = words.length * (LABEL + 3) + 4;
    const lines = item.shape.lines.map((line) => view.line(line));
    const point = placeInside(
      lines, view.box(item.shape.bounds), view.at(...item.label), width, height,
      (box) => view.free(box));
    if (!point) return null;
    const [x, y] = point;
    view.boxes.take({
      minX: x - width / 2, minY: y - height / 2, maxX: x + width / 2, maxY: y + height / 2,
    });
    return { words, x, y };
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    for (const item of this.seen(view)) {
      view.trace(item.shape.lines, true);
      ctx.globalAlpha = 0.85;
      ctx.lineWidth = view.zoom < 14 ? 0.8 : this.paint ? 1.4 : 1.3;
      ctx.strokeStyle = this.edge(colours);
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
    this.drawSelected(view);
  }

  /** Over the edges of what lies over the grids. */
  drawWords({ ctx, colours }) {
    for (const { words, x, y } of this.labels || []) {
      words.forEach((line, i) => tag(ctx, line, x, y + (i - (words.length - 1) / 2) * (LABEL + 3), colours, {
        size: LABEL,
        weight: i === 0 ? 700 : 400,
        fill: this.paint ? colours.ink : this.edge(colours),
      }));
    }
  }

  drawSelected(view) {
    const { ctx, colours } = view;
    const item = view.selection?.layer === this.id && this.find(view.selection.id);
    if (!item) return;
    view.trace(item.shape.lines, true);
    ctx.lineWidth = 7;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
  }

  hit(x, y, view) {
    const [wx, wy] = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    for (const item of this.items) {
      const { bounds } = item.shape;
      if (wx < bounds.minX || wx > bounds.maxX || wy < bounds.minY || wy > bounds.maxY) continue;
      if (inside(item.shape.lines, wx, wy)) return { id: item.id, props: item.props };
    }
    return null;
  }

  legend() {
    return this.items.length ? [{ symbol: "grid", words: "网格界" }] : [];
  }
}

/** Edges of communities under those of their grids. */
export class CommunityLayer extends FeatureLayer {
  constructor(group, { neutral = false } = {}) {
    super("community", group, 0);
    this.neutral = neutral;
  }

  item(feature) {
    const item = super.item(feature);
    if (item) item.id = String(item.props.code);
    return item;
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.save();
    ctx.lineJoin = "round";
    ctx.globalAlpha = 0.38;
    ctx.lineWidth = view.zoom < 14 ? 2.5 : 4.5;
    ctx.strokeStyle = this.neutral && !colours.dark ? colours.ink2 : colours.grid;
    for (const item of this.items) {
      if (!view.sees(view.box(item.shape.bounds))) continue;
      view.trace(item.shape.lines, true);
      ctx.stroke();
    }
    ctx.restore();
  }

  legend() {
    return this.items.length ? [{ symbol: "community", words: "社区界" }] : [];
  }
}
