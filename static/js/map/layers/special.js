// Special grids: parks, campuses, markets. They lie over the others: hatch, dashed edge, name.
import { specialUse } from "../../core/terms.js";
import { hatch, measure, tag } from "../glyphs.js";
import { distanceSquared, inside, toWorld } from "../mercator.js";
import { boxAround } from "../placing.js";
import { FeatureLayer, REACH } from "./layer.js";

const LABEL = 13;
const DASH = [10, 4, 2, 4]; // Unlike the dashes of blocks, locks and drawn lines, also without colour.

export class SpecialLayer extends FeatureLayer {
  constructor(group) {
    super("special", group, 25);
    this.whole = false; // Found anywhere on its ground, not only at its edge and name.
  }

  item(feature) {
    const item = super.item(feature);
    if (!item) return null;
    item.id = String(feature.properties.key || feature.properties.code);
    const { bounds } = item.shape;
    item.label = feature.properties.label_point
      ? toWorld(feature.properties.label_point)
      : [(bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2];
    return item;
  }

  seen(view) {
    return this.items.filter((item) => view.sees(view.box(item.shape.bounds)));
  }

  /** What stands in one: its name, and what it is. */
  lines({ props }) {
    return [props.name || props.label, props.special_use && specialUse(props.special_use)].filter(Boolean);
  }

  /** True for one whose ground is hatched. */
  hatched() {
    return true;
  }

  fill(view) {
    const { ctx, colours } = view;
    const pattern = hatch(ctx, colours.ink, { pitch: 10, width: 1.2, opacity: 0.4 });
    for (const item of this.seen(view)) {
      if (!this.hatched(item)) continue;
      view.trace(item.shape.lines, true);
      ctx.fillStyle = pattern;
      ctx.fill("evenodd");
    }
  }

  reserve(view) {
    this.labels = [];
    if (view.zoom < 14) return;
    for (const item of this.seen(view)) {
      const lines = this.lines(item);
      if (!lines.length) continue;
      const wide = Math.max(...lines.map((line) => measure(view.ctx, line, LABEL, view.colours))) + 10;
      const [x, y] = view.at(...item.label);
      const high = lines.length * (LABEL + 4) + 4;
      // Its middle often holds the label of a grid under it: then beside that. One that its words
      // would cover has them beside it.
      const ground = view.box(item.shape.bounds);
      const covered = ground.maxX - ground.minX < wide * 1.4 || ground.maxY - ground.minY < high * 1.8;
      const beside = [ground.maxY + high / 2 + 5, ground.minY - high / 2 - 5].map((at) => at - y);
      const place = [...(covered ? beside : []), 0, 34, -34, 56, -56].map((down) => boxAround(x, y + down, wide, high))
        .find((box) => view.boxes.free(box));
      if (!place) continue;
      view.boxes.take(place);
      this.labels.push({ id: item.id, lines, box: place });
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    for (const item of this.seen(view)) {
      const chosen = view.isSelected(this.id, item.id);
      view.trace(item.shape.lines, true);
      ctx.setLineDash([]);
      ctx.lineWidth = chosen ? 8 : 5;
      ctx.strokeStyle = colours.halo;
      ctx.stroke();
      ctx.setLineDash(DASH);
      ctx.lineWidth = chosen ? 4 : 2.4;
      ctx.strokeStyle = chosen ? colours.accent : colours.ink;
      ctx.stroke();
    }
    ctx.setLineDash([]);
  }

  drawWords({ ctx, colours }) {
    for (const { lines, box } of this.labels || []) {
      const [x, y] = [(box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2];
      lines.forEach((line, i) => tag(ctx, line, x, y + (i - (lines.length - 1) / 2) * (LABEL + 4), colours, {
        size: LABEL, weight: i === 0 ? 700 : 400, fill: colours.ink,
      }));
    }
  }

  hit(x, y, view) {
    const place = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const reach = REACH / 2 / view.scale;
    const named = (this.labels || []).find(({ box }) => x >= box.minX && x <= box.maxX && y >= box.minY && y <= box.maxY);
    const item = (named && this.find(named.id)) || this.items.find(({ shape }) => {
      const { bounds, lines } = shape;
      if (place[0] < bounds.minX - reach || place[0] > bounds.maxX + reach) return false;
      if (place[1] < bounds.minY - reach || place[1] > bounds.maxY + reach) return false;
      return distanceSquared(lines, ...place) <= reach * reach || (this.whole && inside(lines, ...place));
    });
    return item ? { id: item.id, props: item.props } : null;
  }

  legend() {
    return this.items.length ? [{ symbol: "special", words: "专属网格" }] : [];
  }
}
