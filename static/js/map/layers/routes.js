// Routes of a plan: accent line with an arrowhead every 80 pixels, thicker where more people go.
import { boxAround } from "../placing.js";
import { distanceSquared } from "../mercator.js";
import { FeatureLayer } from "./layer.js";

const EVERY = 80;
const BROKEN = [9, 8];

/** Places and turns of arrowheads along a flat line of pixels; `carry` runs on between lines. */
export function arrowheads(line, every = EVERY, first = every / 2) {
  const heads = [];
  let next = first;
  let walked = 0;
  for (let i = 2; i < line.length; i += 2) {
    const [dx, dy] = [line[i] - line[i - 2], line[i + 1] - line[i - 1]];
    const length = Math.hypot(dx, dy);
    while (length > 0 && walked + length >= next) {
      const share = (next - walked) / length;
      heads.push({
        x: line[i - 2] + dx * share, y: line[i - 1] + dy * share, turn: Math.atan2(dy, dx),
      });
      next += every;
    }
    walked += length;
  }
  return heads;
}

/** Places every `step` pixels along a flat line, its vertices included. */
export function along(line, step) {
  const places = [[line[0], line[1]]];
  for (let i = 2; i < line.length; i += 2) {
    const [dx, dy] = [line[i] - line[i - 2], line[i + 1] - line[i - 1]];
    const count = Math.min(500, Math.max(1, Math.ceil(Math.hypot(dx, dy) / step)));
    for (let k = 1; k <= count; k++) {
      places.push([line[i - 2] + (dx * k) / count, line[i - 1] + (dy * k) / count]);
    }
  }
  return places;
}

export class RouteLayer extends FeatureLayer {
  constructor(group) {
    super("route", group, 40);
  }

  item(feature) {
    const item = super.item(feature);
    if (!item) return null;
    this.made = (this.made || 0) + 1;
    item.id = String(feature.id ?? `route-${this.made}`);
    return item;
  }

  /** The ways of an exercise are grey and broken: nobody takes them for a real evacuation's. */
  setData(collection, exercise = false) {
    super.setData(collection);
    this.exercise = exercise;
    this.most = Math.max(0, ...this.items.map(({ props }) => Number(props.people) || 0));
  }

  /** Lines in view; from afar not the steps of single households from door to street. */
  seen(view) {
    const worth = ({ props }) => view.zoom >= 18 || Number(props.households) > 2 ||
      Number(props.people) * 20 >= this.most;
    return this.items.filter((item) => worth(item) && view.sees(view.box(item.shape.bounds)));
  }

  width(view, item) {
    const people = Number(item.props.weight ?? item.props.people) || 0;
    const width = people < 40 ? 2 : people < 120 ? 3 : 4.5 + Math.min(2, people / 600);
    return view.zoom < 14 ? width * 0.6 : width;
  }

  reserve(view) {
    this.heads = [];
    for (const item of this.seen(view)) {
      for (const world of item.shape.lines) {
        const line = view.line(world);
        for (const [x, y] of along(line, 12)) view.boxes.take(boxAround(x, y, 12, 12));
        for (const head of this.width(view, item) < 3 ? [] : arrowheads(line)) {
          const box = boxAround(head.x, head.y, 26, 26);
          if (!view.boxes.free(box) && this.heads.some((other) =>
            Math.hypot(other.x - head.x, other.y - head.y) < 40)) continue;
          this.heads.push(head);
          view.boxes.take(boxAround(head.x, head.y, 18, 18));
        }
      }
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    const seen = this.seen(view);
    ctx.save();
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    const own = this.exercise ? colours.ink2 : colours.accent;
    for (const [extra, colour] of [[3.5, colours.halo], [0, own]]) {
      ctx.strokeStyle = colour;
      ctx.setLineDash(this.exercise && !extra ? BROKEN : []);
      for (const item of seen) {
        view.trace(item.shape.lines, false);
        ctx.lineWidth = this.width(view, item) + extra;
        ctx.stroke();
      }
    }
    ctx.setLineDash([]);
    ctx.fillStyle = this.exercise ? colours.surface : colours.onAccent;
    ctx.strokeStyle = own;
    ctx.lineWidth = 1.5;
    for (const { x, y, turn } of view.zoom >= 14 ? this.heads || [] : []) {
      ctx.save();
      ctx.translate(x, y);
      ctx.rotate(turn);
      ctx.beginPath();
      ctx.moveTo(-7, -7.5);
      ctx.lineTo(8, 0);
      ctx.lineTo(-7, 7.5);
      ctx.lineTo(-3.5, 0);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
      ctx.restore();
    }
    ctx.restore();
  }

  hit(x, y, view) {
    const [wx, wy] = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const near = (12 / view.scale) ** 2;
    const found = this.seen(view).find((item) =>
      distanceSquared(item.shape.lines, wx, wy) <= near);
    return found ? { id: found.id, props: found.props } : null;
  }

  legend() {
    if (!this.items.length) return [];
    return [this.exercise ? { symbol: "drill_route", words: "演练路线" } : { symbol: "route", words: "转移路线" }];
  }
}
