// What the editor draws: grids by deviation, blocks, borders, and what lies outside, pale.
import { number } from "../core/format.js";
import { measure, tag } from "../map/glyphs.js";
import { FeatureLayer, REACH } from "../map/layers/layer.js";
import { CommunityLayer, GridLayer } from "../map/layers/grids.js";
import { distanceSquared, inside, toWorld } from "../map/mercator.js";
import { boxAround } from "../map/placing.js";
import { Colouring } from "./measures.js";

const LABEL = 14;

/** The grids of a scenario; `chosen` are ringed, `waiting` have figures the server has not confirmed. */
export class PlanGrids extends GridLayer {
  constructor(group) {
    super(group, {
      paint: ({ props }, colours) => {
        const name = this.colouring.colour(props);
        return name === "hatch" ? name : colours[name] || null;
      },
      note: ({ props }) => this.colouring.note(props),
    });
    this.colouring = new Colouring();
    this.chosen = new Set();
    this.waiting = new Set();
  }

  item(feature) {
    const item = super.item(feature);
    if (item) item.id = String(feature.id);
    return item;
  }

  choose(keys) {
    this.chosen = new Set([...keys].map(String));
    this.changed();
  }

  wait(keys) {
    this.waiting = new Set([...keys].map(String));
    this.changed();
  }

  fill(view) {
    super.fill(view);
    this.pale(view);
  }

  /** Everything outside the scenario is pale: one sheet of paper with the grids cut out. */
  pale(view) {
    if (!this.items.length) return;
    const { ctx, bounds, colours } = view;
    view.trace(this.items.flatMap(({ shape }) => shape.lines), true);
    ctx.rect(bounds.minX, bounds.minY, bounds.maxX - bounds.minX, bounds.maxY - bounds.minY);
    ctx.globalAlpha = 0.72;
    ctx.fillStyle = colours.paper;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
  }

  place(view, item, words) {
    const label = super.place(view, item, words);
    return label && { ...label, id: item.id };
  }

  draw(view) {
    super.draw(view);
    for (const key of this.chosen) this.ringed(view, this.find(key));
  }

  ringed(view, item) {
    if (!item) return;
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    view.trace(item.shape.lines, true);
    ctx.lineWidth = 8;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
    ctx.lineWidth = 4;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
  }

  drawWords({ ctx, colours }) {
    for (const { words, x, y, id } of this.labels || []) {
      words.forEach((line, i) => {
        ctx.globalAlpha = i > 0 && this.waiting.has(id) ? 0.4 : 1;
        tag(ctx, line, x, y + (i - (words.length - 1) / 2) * (LABEL + 3), colours, {
          size: LABEL, weight: i === 0 ? 700 : 400, fill: colours.ink,
        });
      });
    }
    ctx.globalAlpha = 1;
  }

  legend() {
    return this.colouring.legend(this.items.some(({ props }) => this.colouring.colour(props) === "hatch"));
  }
}

/** Edges of communities: thick and dark, as on every map of one's own. */
export class PlanCommunities extends CommunityLayer {
  legend() {
    return [];
  }
}

/** Borders as arcs: found under a finger, marked where they may be moved. */
export class ArcLayer extends FeatureLayer {
  constructor(group) {
    super("arc", group, 20);
    this.active = false;
    this.hidden = null; // The arc in hand is drawn by its editor.
  }

  show(active) {
    this.active = active;
    this.changed();
  }

  draw(view) {
    if (!this.active) return;
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    for (const item of this.items) {
      if (!item.props.movable || item.id === this.hidden || !view.sees(view.box(item.shape.bounds))) continue;
      view.trace(item.shape.lines, false);
      ctx.lineWidth = 2.6;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
  }

  hit(x, y, view) {
    if (!this.active) return null;
    const [wx, wy] = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const reach = REACH / view.scale;
    let [best, least] = [null, reach * reach];
    for (const item of this.items) {
      const { bounds } = item.shape;
      if (wx < bounds.minX - reach || wx > bounds.maxX + reach) continue;
      if (wy < bounds.minY - reach || wy > bounds.maxY + reach) continue;
      const away = distanceSquared(item.shape.lines, wx, wy);
      if (away <= least) [best, least] = [item, away];
    }
    return best && { id: best.id, props: best.props };
  }
}

/** Street blocks or buildings with their households, while they are being handed over. */
export class BlockLayer extends FeatureLayer {
  constructor(group, id = "block") {
    super(id, group, 30);
    this.active = false;
    this.chosen = new Set();
  }

  item(feature) {
    const item = super.item(feature);
    if (!item) return null;
    const { bounds } = item.shape;
    item.id = String(feature.id);
    item.middle = feature.properties.label_point
      ? toWorld(feature.properties.label_point)
      : [(bounds.minX + bounds.maxX) / 2, (bounds.minY + bounds.maxY) / 2];
    return item;
  }

  show(active) {
    this.active = active;
    this.changed();
  }

  choose(ids) {
    this.chosen = new Set([...ids].map(String));
    this.changed();
  }

  reserve(view) {
    this.drawn = this.active ? this.items.filter((item) => view.sees(view.box(item.shape.bounds))) : [];
    this.figures = [];
    if (view.zoom < 15) return;
    for (const item of this.drawn) {
      if (!item.props.households && !this.chosen.has(item.id)) continue;
      const words = number(item.props.households);
      const [x, y] = view.at(...item.middle);
      const box = boxAround(x, y, measure(view.ctx, words, 13, view.colours) + 8, 20);
      if (inside(item.shape.lines, ...item.middle) && view.boxes.claim(box)) this.figures.push({ words, x, y, item });
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.lineJoin = "round";
    ctx.setLineDash([3, 3]);
    for (const item of this.drawn || []) {
      view.trace(item.shape.lines, true);
      ctx.lineWidth = 1.2;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
    ctx.setLineDash([]);
    for (const item of this.drawn || []) if (this.chosen.has(item.id)) this.mark(view, item);
    for (const { words, x, y, item } of this.figures || []) {
      const chosen = this.chosen.has(item.id);
      tag(ctx, words, x, y, colours, { size: 13, weight: chosen ? 700 : 400, fill: chosen ? colours.accent : colours.ink2 });
    }
  }

  mark(view, item) {
    const { ctx, colours } = view;
    view.trace(item.shape.lines, true);
    ctx.globalAlpha = 0.35;
    ctx.fillStyle = colours.accent;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.lineWidth = 7;
    ctx.strokeStyle = colours.halo;
    ctx.stroke();
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = colours.accent;
    ctx.stroke();
  }

  hit(x, y, view) {
    if (!this.active) return null;
    const place = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    const item = this.items.find(({ shape }) => {
      const { bounds } = shape;
      return place[0] >= bounds.minX && place[0] <= bounds.maxX && place[1] >= bounds.minY &&
        place[1] <= bounds.maxY && inside(shape.lines, ...place);
    });
    return item ? { id: item.id, props: item.props } : null;
  }
}
