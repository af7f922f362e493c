// Assembly points of a plan: a disc with a rim and the number of the lists; the name of its streets
// beside it when the map is near.
import { measure, ring, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { FeatureLayer } from "./layer.js";

const RADIUS = 13;
const WORDS = 14;
const NAMED_FROM = 15;
const SIDES = [[20, 0, "left"], [-20, 0, "right"], [0, 26, "center"], [0, -26, "center"]];

/** A double rim round a number: people gather here. */
export function gathering(ctx, x, y, words, colours, small = false) {
  const radius = small ? 6 : RADIUS;
  for (const [size, fill] of [[radius + 2.5, colours.halo], [radius, colours.accent], [radius - 2.5, colours.surface]]) {
    ctx.beginPath();
    ctx.arc(x, y, size, 0, Math.PI * 2);
    ctx.fillStyle = fill;
    ctx.fill();
  }
  if (small) return;
  ctx.font = `700 ${words.length > 2 ? 11 : 13}px ${colours.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = colours.ink;
  ctx.fillText(words, x, y + 4.7);
}

export class AssemblyLayer extends FeatureLayer {
  constructor(group) {
    super("assembly", group, 75);
  }

  /** Take the points as the plan lists them. */
  setPoints(points) {
    this.setData({
      features: (points || []).map((point) => ({
        geometry: { type: "Point", coordinates: [point.lon, point.lat] },
        properties: { ...point, id: point.number },
      })),
    });
  }

  reserve(view) {
    this.drawn = this.points(view);
    for (const point of this.drawn) {
      point.small = !(view.zoom >= 14 && view.boxes.claim(boxAround(point.x, point.y, 30, 30)));
      if (point.small) view.boxes.take(boxAround(point.x, point.y, 14, 14));
    }
    for (const point of this.drawn) {
      point.tag = !point.small && view.zoom >= NAMED_FROM && point.item.props.name ? this.words(view, point) : null;
    }
  }

  words(view, { item, x, y }) {
    const words = String(item.props.name);
    const width = measure(view.ctx, words, WORDS, view.colours) + 6;
    for (const [dx, dy, align] of SIDES) {
      const middle = x + dx + (align === "left" ? width / 2 : align === "right" ? -width / 2 : 0);
      const box = boxAround(middle, y + dy, width, WORDS + 6);
      if (!view.free(box)) continue;
      view.boxes.take(box);
      return { words, x: x + dx, y: y + dy, align, size: WORDS };
    }
    return null;
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y, small, tag: label } of this.drawn || []) {
      gathering(ctx, x, y, String(item.props.number), colours, small);
      if (label) tag(ctx, label.words, label.x, label.y, colours, label);
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 22, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }

  legend() {
    return (this.drawn || []).length ? [{ symbol: "assembly", words: "集合点" }] : [];
  }
}
