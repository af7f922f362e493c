// Closed streets: a ring with a bar on the spot, and why beside it when the map is near.
import { measure, ring, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { toWorld } from "../mercator.js";
import { FeatureLayer } from "./layer.js";

const RADIUS = 11;
const WORDS = 15;
const LONGEST = 24; // Characters on the map; the panel has all of it.
const NAMED_FROM = 15;

/** A ring with a bar: nobody passes here. */
export function closed(ctx, x, y, colours) {
  ctx.beginPath();
  ctx.arc(x, y, RADIUS, 0, Math.PI * 2);
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 3;
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x - 6, y);
  ctx.lineTo(x + 6, y);
  ctx.lineWidth = 3.5;
  ctx.stroke();
}

export class ClosureLayer extends FeatureLayer {
  constructor(group) {
    super("closure", group, 85);
  }

  item(feature) {
    const item = super.item(feature);
    if (item && item.props.at) item.world = toWorld(item.props.at);
    return item;
  }

  reserve(view) {
    this.drawn = this.points(view);
    for (const point of this.drawn) {
      view.boxes.take(boxAround(point.x, point.y, 26, 26));
      point.tag = view.zoom >= NAMED_FROM ? this.words(view, point) : null;
    }
  }

  words(view, { item, x, y }) {
    const whole = String(item.props.reason || "");
    const words = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
    const width = measure(view.ctx, words, WORDS, view.colours) + 6;
    for (const [dx, dy, align] of [[18, 0, "left"], [-18, 0, "right"], [0, 24, "center"], [0, -24, "center"]]) {
      const middle = x + dx + (align === "left" ? width / 2 : align === "right" ? -width / 2 : 0);
      const box = boxAround(middle, y + dy, width, WORDS + 6);
      if (!view.boxes.free(box)) continue;
      view.boxes.take(box);
      return { words, x: x + dx, y: y + dy, align, size: WORDS };
    }
    return null;
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y, tag: label } of this.drawn || []) {
      this.ground(view, item);
      closed(ctx, x, y, colours);
      if (label) tag(ctx, label.words, label.x, label.y, colours, label);
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 20, colours);
    }
  }

  /** The ground that is closed, where it is larger than its sign. */
  ground(view, item) {
    const box = view.box(item.shape.bounds);
    if (box.maxX - box.minX < 3 * RADIUS && box.maxY - box.minY < 3 * RADIUS) return;
    const { ctx, colours } = view;
    view.trace(item.shape.lines, true);
    ctx.lineWidth = 2;
    ctx.strokeStyle = colours.ink;
    ctx.setLineDash([4, 4]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }

  legend() {
    return (this.drawn || []).length ? [{ symbol: "blocked", words: "不能通行" }] : [];
  }
}
