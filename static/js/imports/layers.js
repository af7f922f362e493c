// Imported grids on the map: as drawn in the file, and the places where something changes.
import { fault, hatch, ring } from "../map/glyphs.js";
import { FeatureLayer } from "../map/layers/layer.js";
import { toWorld } from "../map/mercator.js";
import { boxAround } from "../map/placing.js";

/** The borders as they are in the file, dashed. */
export class DrawnLayer extends FeatureLayer {
  constructor() {
    super("drawn", null, 5);
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.save();
    ctx.setLineDash([7, 5]);
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = colours.ink2;
    for (const item of this.items) {
      if (!view.sees(view.box(item.shape.bounds))) continue;
      view.trace(item.shape.lines, true);
      ctx.stroke();
    }
    ctx.restore();
  }

  legend() {
    return this.items.length ? [{ symbol: "drawn", words: "文件里的边界" }] : [];
  }
}

/** Ground that changes hands, hatched, and numbered signs where a person decides. */
export class ChangeLayer extends FeatureLayer {
  constructor() {
    super("change", null, 95);
    this.chosen = null;
  }

  /** Take the changes in the order of the list. */
  setChanges(changes) {
    super.setData({
      features: changes.map((change, i) => ({
        id: change.id,
        geometry: change.geometry || { type: "Point", coordinates: change.point },
        properties: { ...change, number: i + 1 },
      })),
    });
    for (const item of this.items) item.world = toWorld(item.props.point);
  }

  choose(id) {
    this.chosen = id === null ? null : this.find(id);
    this.changed();
  }

  grounds(view) {
    return this.items.filter(({ shape }) => shape.type.endsWith("Polygon") && view.sees(view.box(shape.bounds)));
  }

  fill(view) {
    const { ctx, colours } = view;
    const pattern = hatch(ctx, colours.gapInk, { ground: colours.gapFill, width: 1.6, opacity: 0.62 });
    for (const { shape } of this.grounds(view)) {
      view.trace(shape.lines, true);
      ctx.fillStyle = pattern;
      ctx.fill("evenodd");
    }
  }

  reserve(view) {
    const waits = ({ item }) => (item.props.ask && !item.props.decided) || item === this.chosen;
    this.drawn = this.points(view).filter(waits);
    for (const { x, y } of this.drawn) view.boxes.take(boxAround(x, y, 32, 30));
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = colours.ink;
    for (const { shape } of this.grounds(view)) {
      view.trace(shape.lines, true);
      ctx.stroke();
    }
    if (this.chosen) this.drawChosen(view);
    for (const { item, x, y } of this.drawn || []) {
      fault(ctx, x, y, String(item.props.number), colours);
      if (item === this.chosen) ring(ctx, x, y, 25, colours);
    }
  }

  drawChosen(view) {
    const { ctx, colours } = view;
    const { shape } = this.chosen;
    if (shape.type === "MultiPoint") {
      ctx.fillStyle = colours.accent;
      for (const [x, y] of shape.lines.map((line) => view.at(line[0], line[1]))) {
        ctx.beginPath();
        ctx.arc(x, y, 5, 0, 2 * Math.PI);
        ctx.fill();
      }
      return;
    }
    if (!shape.type.endsWith("Polygon")) return;
    view.trace(shape.lines, true);
    ctx.lineWidth = 7;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
  }

  hit(x, y, view) {
    const near = this.hitPoint(x, y);
    if (near) return near;
    const reach = this.grounds(view).map((item) => ({ item, box: view.box(item.shape.bounds) }));
    const found = reach.find(({ box }) => x >= box.minX - 6 && x <= box.maxX + 6 && y >= box.minY - 6 && y <= box.maxY + 6);
    return found ? { id: found.item.id, props: found.item.props } : null;
  }

  legend() {
    return this.items.some(({ shape }) => shape.type.endsWith("Polygon")) ? [{ symbol: "fill", name: "hatch", words: "要改的地" }] : [];
  }
}
