// Hazards: dash-dot outline, 45 degree hatch, words; what is blocked has a ring with a bar.
import { distanceSquared, inside } from "../mercator.js";
import { marked } from "../../core/drill.js";
import { hatch, measure, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { shape } from "../mercator.js";
import { FeatureLayer } from "./layer.js";

const WORDS = 17;
const LONGEST = 44; // Characters of a name on the map; the panel has all of it.

export class HazardLayer extends FeatureLayer {
  constructor(group) {
    super("hazard", group, 90);
  }

  item(feature) {
    const item = super.item(feature);
    if (item) item.blocked = shape(item.props.blocked);
    if (item?.props.before) item.before = shape(item.props.before);
    return item;
  }

  reserve(view) {
    this.drawn = [];
    for (const item of this.items) {
      const box = view.box(item.shape.bounds);
      if (!view.sees(box)) continue;
      this.drawn.push({ item, label: this.label(view, item, box) });
    }
  }

  label(view, item, box) {
    const whole = String(item.props.name || "");
    const name = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
    const words = marked(name, item.props.exercise);
    if (view.zoom < 13 || !words) return null;
    const width = measure(view.ctx, words, WORDS, view.colours) + 10;
    const x = (box.minX + box.maxX) / 2;
    const height = box.maxY - box.minY;
    const y = (share) => box.minY + height * share;
    const aside = (box.maxX - box.minX + width) / 2 + 8;
    const places = [
      ...[0.32, 0.5, 0.68, 0.2, 0.8].map((share) => [x, y(share)]),
      [x, box.minY - 16], [x, box.maxY + 16], [x + aside, y(0.5)], [x - aside, y(0.5)],
      [x, box.minY - 40], [x, box.maxY + 40],
    ];
    const free = places.find((place) => view.boxes.free(boxAround(...place, width, WORDS + 8)));
    const place = free || [x, box.minY - 16];
    view.boxes.take(boxAround(...place, width, WORDS + 8));
    return { words, x: place[0], y: place[1], exercise: item.props.exercise };
  }

  draw(view) {
    const { ctx, colours } = view;
    const real = hatch(ctx, colours.hazard, { pitch: 11, width: 2, opacity: 0.5 });
    // An exercise has no warning colour: wide grey and pale bands.
    const drill = hatch(ctx, colours.ink2, { pitch: 16, width: 7, opacity: 0.28 });
    for (const { item } of this.drawn || []) {
      const { exercise } = item.props;
      view.trace(item.shape.lines, true);
      ctx.fillStyle = exercise ? drill : real;
      ctx.fill("evenodd");
      this.outline(view, view.isSelected(this.id, item.id), exercise ? colours.ink2 : colours.hazard);
      if (item.before) this.drawBefore(view, item.before);
      if (item.blocked) this.drawBlocked(view, item.blocked);
    }
  }

  /** Where it ended before it was adjusted: dots, so that everybody sees what has changed. */
  drawBefore(view, before) {
    const { ctx, colours } = view;
    view.trace(before.lines, true);
    ctx.save();
    ctx.setLineDash([2, 6]);
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colours.ink;
    ctx.stroke();
    ctx.restore();
  }

  /** The words come last: a route may cross the area, not its name. */
  drawWords({ ctx, colours }) {
    for (const { label } of this.drawn || []) {
      if (label) {
        tag(ctx, label.words, label.x, label.y, colours, {
          size: WORDS, fill: label.exercise ? colours.ink : colours.hazardText, halo: 5,
        });
      }
    }
  }

  outline({ ctx, colours }, selected, colour) {
    ctx.save();
    ctx.lineJoin = "round";
    ctx.globalAlpha = 0.75;
    ctx.lineWidth = selected ? 10 : 7;
    ctx.strokeStyle = selected ? colours.ink : colours.halo;
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.setLineDash([14, 5, 3, 5]);
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.restore();
  }

  drawBlocked(view, blocked) {
    const { ctx, colours } = view;
    view.trace(blocked.lines, true);
    ctx.fillStyle = hatch(ctx, colours.ink, { pitch: 6, width: 1.4, opacity: 0.38 });
    ctx.fill("evenodd");
    ctx.lineWidth = 2;
    ctx.strokeStyle = colours.ink;
    ctx.stroke();
    const { bounds } = blocked;
    const [x, y] = view.at((bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2);
    ctx.beginPath();
    ctx.arc(x, y, 11, 0, Math.PI * 2);
    ctx.fillStyle = colours.surface;
    ctx.fill();
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 6, y);
    ctx.lineTo(x + 6, y);
    ctx.lineWidth = 3.5;
    ctx.stroke();
  }

  hit(x, y, view) {
    const [wx, wy] = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const near = (10 / view.scale) ** 2;
    for (const { item } of this.drawn || []) {
      // Only its edge and its words: what lies inside must stay within reach.
      const edge = distanceSquared(item.shape.lines, wx, wy) <= near;
      if (edge || this.onWords(item, x, y)) return { id: item.id, props: item.props };
    }
    return null;
  }

  onWords(item, x, y) {
    const label = this.drawn.find((drawn) => drawn.item === item)?.label;
    return Boolean(label) && Math.abs(label.x - x) < 80 && Math.abs(label.y - y) < 22;
  }

  /** The hazard that covers a place, for details of what is clicked inside it. */
  covering(wx, wy) {
    return this.items.find((item) => inside(item.shape.lines, wx, wy)) || null;
  }

  legend() {
    const entries = [];
    const drawn = this.drawn || [];
    if (drawn.some(({ item }) => !item.props.exercise)) entries.push({ symbol: "hazard", words: "险情范围" });
    if (drawn.some(({ item }) => item.props.exercise)) entries.push({ symbol: "drill", words: "演练范围" });
    if ((this.drawn || []).some(({ item }) => item.blocked)) {
      entries.push({ symbol: "blocked", words: "不能通行" });
    }
    if (drawn.some(({ item }) => item.before)) entries.push({ symbol: "before", words: "调整前的范围" });
    return entries;
  }
}
