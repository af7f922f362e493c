// Grids that others have in hand: a dashed rim, a padlock and the name, so that colour is not alone.
import { measure, tag } from "../map/glyphs.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { boxAround } from "../map/placing.js";

const SIZE = 13;
const BODY = "M-6 -1H6V8H-6Z";
const BOW = "M-3.5 -1V-4.5A3.5 3.5 0 0 1 3.5 -4.5V-1";

/** Draws what `setLocks` was told, over the shapes of the grids. */
export class LockLayer extends FeatureLayer {
  constructor(grids) {
    super("lock", null, 90);
    this.grids = grids; // The layers that know their shapes.
    this.locks = [];
  }

  setLocks(locks) {
    this.locks = locks;
    this.changed();
  }

  itemOf(key) {
    return this.grids.map((layer) => layer.find(key)).find(Boolean) || null;
  }

  get held() {
    return this.locks.map((lock) => ({ lock, item: this.itemOf(lock.grid) })).filter(({ item }) => item);
  }

  reserve(view) {
    this.tags = [];
    for (const { lock, item } of this.held) {
      if (!view.sees(view.box(item.shape.bounds))) continue;
      const words = lock.by.name;
      const wide = measure(view.ctx, words, SIZE, view.colours) + 34;
      const [x, y] = view.at(...item.label);
      const place = [0, 40, -40, 64].map((down) => boxAround(x, y + down, wide, 24))
        .find((box) => view.boxes.free(box));
      if (!place) continue;
      view.boxes.take(place);
      this.tags.push({ words, x: (place.minX + place.maxX) / 2, y: (place.minY + place.maxY) / 2, wide });
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    for (const { item } of this.held) {
      view.trace(item.shape.lines, true);
      ctx.setLineDash([]);
      ctx.lineWidth = 7;
      ctx.strokeStyle = colours.halo;
      ctx.stroke();
      ctx.setLineDash([2, 6]);
      ctx.lineCap = "round";
      ctx.lineWidth = 4;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
    ctx.setLineDash([]);
    ctx.lineCap = "butt";
    for (const { words, x, y, wide } of this.tags || []) this.padlock(view, words, x, y, wide);
  }

  padlock({ ctx, colours }, words, x, y, wide) {
    ctx.save();
    ctx.translate(x - wide / 2, y - 12);
    ctx.beginPath();
    ctx.roundRect(0, 0, wide, 24, 6);
    ctx.fillStyle = colours.ink;
    ctx.fill();
    ctx.translate(15, 10);
    ctx.strokeStyle = colours.paper;
    ctx.fillStyle = colours.paper;
    ctx.lineWidth = 2;
    ctx.stroke(new Path2D(BOW));
    ctx.fill(new Path2D(BODY));
    ctx.restore();
    tag(ctx, words, x + 10, y, { ...colours, halo: colours.ink }, { size: SIZE, fill: colours.paper, halo: 0.1 });
  }

  legend() {
    return this.held.length ? [{ symbol: "locked", words: "别人正在改" }] : [];
  }
}
