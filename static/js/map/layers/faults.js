// Faults of topology: numbered ink triangles, the same numbers as in the list.
import { toLonLat } from "../mercator.js";
import { ring } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { FeatureLayer } from "./layer.js";

export class FaultLayer extends FeatureLayer {
  constructor(group) {
    super("fault", group, 95);
  }

  setData(collection) {
    this.count = 0;
    super.setData(collection);
  }

  item(feature) {
    const item = super.item(feature);
    if (!item) return null;
    item.number = ++this.count;
    item.id = String(item.number);
    const { bounds } = item.shape;
    item.world = [(bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2];
    item.lonlat = toLonLat(item.world);
    return item;
  }

  reserve(view) {
    this.drawn = this.points(view);
    for (const { x, y } of this.drawn) view.boxes.take(boxAround(x, y, 32, 30));
  }

  draw(view) {
    const { ctx, colours } = view;
    for (const { item, x, y } of this.drawn || []) {
      ctx.save();
      ctx.translate(x, y);
      ctx.beginPath();
      ctx.moveTo(0, -16);
      ctx.lineTo(17, 13);
      ctx.lineTo(-17, 13);
      ctx.closePath();
      ctx.fillStyle = colours.surface;
      ctx.fill();
      ctx.lineJoin = "round";
      ctx.lineWidth = 2.4;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
      ctx.font = `700 14px ${colours.font}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "alphabetic";
      ctx.fillStyle = colours.ink;
      ctx.fillText(String(item.number), 0, 9);
      ctx.restore();
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 25, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }
}
