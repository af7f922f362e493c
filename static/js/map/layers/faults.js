// Faults of topology: numbered ink triangles, the same numbers as in the list.
import { toLonLat } from "../mercator.js";
import { fault, ring } from "../glyphs.js";
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
      fault(ctx, x, y, String(item.number), colours);
      if (view.isSelected(this.id, item.id)) ring(ctx, x, y, 25, colours);
    }
  }

  hit(x, y) {
    return this.hitPoint(x, y);
  }
}
