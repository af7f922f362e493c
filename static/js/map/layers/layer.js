// What the layers share: features prepared once, points found again under a finger.
import { shape } from "../mercator.js";

export const REACH = 22; // Half of the smallest target, in pixels.

/** A layer of features on an overlay. */
export class FeatureLayer {
  /** `group` is the switch in the layer control, `importance` the rank for places on the map. */
  constructor(id, group, importance) {
    Object.assign(this, { id, group, importance });
    this.items = [];
    this.changed = () => {};
  }

  /** Take a FeatureCollection; features without a place are kept out of the map. */
  setData(collection) {
    this.items = (collection?.features || [])
      .map((feature) => this.item(feature))
      .filter(Boolean);
    this.changed();
  }

  item(feature) {
    const form = shape(feature.geometry);
    if (!form) return null;
    const props = feature.properties || {};
    const id = String(props.id ?? props.code ?? feature.id);
    const first = form.lines[0];
    return { id, props, shape: form, world: [first[0], first[1]] };
  }

  find(id) {
    return this.items.find((item) => item.id === String(id)) || null;
  }

  /** Points on the screen with their pixels, in the order of the data. */
  points(view) {
    const seen = [];
    for (const item of this.items) {
      const [x, y] = view.at(...item.world);
      if (view.sees({ minX: x, minY: y, maxX: x, maxY: y })) seen.push({ item, x, y });
    }
    return seen;
  }

  /** The nearest drawn point within reach. */
  hitPoint(x, y) {
    let [best, least] = [null, REACH * REACH];
    for (const drawn of this.drawn || []) {
      const away = (drawn.x - x) ** 2 + (drawn.y - y) ** 2;
      if (away <= least) [best, least] = [drawn, away];
    }
    return best && { id: best.item.id, props: best.item.props, members: best.members, away: least };
  }
}
