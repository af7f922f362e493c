// What is tried on the coverage page, drawn so that nothing of it looks real: dashed and numbered.
import { distanceSquared, shape, toWorld } from "../mercator.js";
import { measure, tag } from "../glyphs.js";
import { boxAround } from "../placing.js";
import { REACH } from "./layer.js";

const RING = 14;
const EACH = 15; // From this zoom on each household has its mark.

function dashedRing({ ctx, colours }, x, y, words, chosen) {
  const radius = chosen ? RING + 3 : RING;
  ctx.save();
  ctx.lineCap = "butt";
  if (chosen) {
    ctx.beginPath();
    ctx.arc(x, y, radius + 9, 0, Math.PI * 2);
    ctx.globalAlpha = 0.2;
    ctx.fillStyle = colours.accent;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, Math.PI * 2);
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.lineWidth = 4;
  ctx.setLineDash([5, 3]);
  ctx.strokeStyle = colours.accent;
  ctx.stroke();
  ctx.restore();
  tag(ctx, words, x, y + 0.5, colours, { size: chosen ? 17 : 15, fill: colours.accent, halo: 0.01 });
}

/** Possible sites: dashed rings with their numbers, the chosen one with what it would bring. */
export class SiteLayer {
  constructor(chosen) {
    Object.assign(this, { id: "site", importance: 80, sites: [], chosen, changed: () => {} });
  }

  setSites(sites) {
    this.sites = sites.map((site) => ({ ...site, world: toWorld(site.at) }));
    this.changed();
  }

  reserve(view) {
    this.drawn = this.sites.map((site) => {
      const [x, y] = view.at(...site.world);
      view.boxes.take(boxAround(x, y, 36, 36));
      return { site, x, y };
    });
    const [edge, shift] = [view.map.getSize().x, view.map.layerPointToContainerPoint([0, 0]).x];
    for (const one of this.drawn) {
      const width = one.site.words ? measure(view.ctx, one.site.words, 15, view.colours) + 8 : 0;
      // at the other side where the words would leave the map
      one.left = one.x + shift + 26 + width > edge;
      const box = boxAround(one.x + (one.left ? -1 : 1) * (26 + width / 2), one.y, width, 22);
      one.named = width > 0 && view.boxes.claim(box);
    }
  }

  draw(view) {
    for (const { site, x, y, named, left } of this.drawn || []) {
      dashedRing(view, x, y, String(site.number), site.number === this.chosen());
      if (named) tag(view.ctx, site.words, x + (left ? -28 : 28), y, view.colours, { size: 15, align: left ? "right" : "left" });
    }
  }

  hit(x, y) {
    const found = (this.drawn || []).find((one) => Math.hypot(one.x - x, one.y - y) <= REACH);
    return found ? { id: String(found.site.number), props: found.site } : null;
  }

  legend() {
    return this.sites.length ? [{ symbol: "site", words: "假设的点" }] : [];
  }
}

/** Streets whose closing costs people their cover: the more, the wider; the first ones numbered. */
export class CriticalLayer {
  constructor(chosen) {
    Object.assign(this, { id: "critical", importance: 70, streets: [], chosen, changed: () => {} });
  }

  setStreets(streets) {
    const most = Math.max(1, ...streets.map(({ households }) => households));
    this.streets = streets.map((street) => ({ ...street, share: street.households / most, shape: shape(street.geometry) }))
      .filter((street) => street.shape);
    this.changed();
  }

  seen(view) {
    return this.streets.filter(({ shape: { bounds } }) => view.sees(view.box(bounds)));
  }

  reserve(view) {
    this.tags = [];
    for (const street of this.seen(view)) {
      const line = view.line(street.shape.lines[0]);
      const middle = Math.floor(line.length / 4) * 2;
      const [x, y] = [line[middle], line[middle + 1]];
      const chosen = street.number === this.chosen();
      if (chosen || (street.number <= 20 && view.boxes.claim(boxAround(x, y, 24, 22)))) {
        this.tags.push({ number: street.number, x, y, chosen });
      }
    }
  }

  draw(view) {
    const { ctx, colours } = view;
    ctx.save();
    ctx.lineCap = ctx.lineJoin = "round";
    for (const street of this.seen(view)) {
      const chosen = street.number === this.chosen();
      const width = 3 + street.share * 6;
      for (const [wide, colour] of [[width + 4, colours.halo], [width, chosen ? colours.accent : colours.ink]]) {
        view.trace(street.shape.lines, false);
        ctx.lineWidth = wide;
        ctx.strokeStyle = colour;
        ctx.stroke();
      }
    }
    ctx.restore();
    for (const { number, x, y, chosen } of this.tags || []) {
      tag(ctx, String(number), x, y, colours, { size: chosen ? 17 : 14, halo: 5, fill: chosen ? colours.accent : colours.ink });
    }
  }

  hit(x, y, view) {
    const [wx, wy] = [(x + view.origin.x) / view.scale, (y + view.origin.y) / view.scale];
    let [best, least] = [null, (14 / view.scale) ** 2];
    for (const street of this.seen(view)) {
      const away = distanceSquared(street.shape.lines, wx, wy);
      if (away < least) [best, least] = [street, away];
    }
    return best && { id: String(best.number), props: best };
  }

  legend() {
    return this.streets.length ? [{ symbol: "critical", words: "断了就有人到不了的路，越宽越多" }] : [];
  }
}

/** Households whose answer is another one: a cross for who is lost, a plus for who is won. */
export class ChangedHouseholds {
  constructor() {
    Object.assign(this, { id: "changed", importance: 30, rows: [], changed: () => {} });
  }

  /** Rows `[id, lon, lat, "lost" | "gained" | "moved"]`. */
  setRows(rows) {
    this.rows = rows.map(([, lon, lat, kind]) => ({ kind, world: toWorld([lon, lat]) }));
    this.changed();
  }

  draw(view) {
    const { ctx, colours } = view;
    this.used = new Set(view.zoom < EACH ? [] : this.rows.map(({ kind }) => kind));
    if (view.zoom < EACH) return; // Farther away the grids say it.
    const arm = view.zoom >= 16 ? 5 : 3;
    for (const kind of ["gained", "lost"]) {
      const path = new window.Path2D();
      const places = new Set();
      for (const { kind: own, world } of this.rows) {
        if (own !== kind) continue;
        const [x, y] = view.at(...world);
        const key = `${Math.round(x / arm)}:${Math.round(y / arm)}`;
        if (places.has(key) || !view.sees(boxAround(x, y, 2, 2), 8)) continue;
        places.add(key);
        mark(path, kind, x, y, arm);
      }
      for (const [width, colour] of [[4.5, colours.halo], [2.2, kind === "lost" ? colours.ink : colours.accent]]) {
        ctx.lineWidth = width;
        ctx.strokeStyle = colour;
        ctx.stroke(path);
      }
    }
  }

  legend() {
    return [["lost", "missed", "变得到不了的户"], ["gained", "gained", "变得到得了的户"]]
      .filter(([kind]) => this.used?.has(kind) && this.rows.length).map(([, symbol, words]) => ({ symbol, words }));
  }
}

function mark(path, kind, x, y, arm) {
  if (kind === "lost") {
    path.moveTo(x - arm, y - arm);
    path.lineTo(x + arm, y + arm);
    path.moveTo(x + arm, y - arm);
    path.lineTo(x - arm, y + arm);
    return;
  }
  path.moveTo(x - arm - 1, y);
  path.lineTo(x + arm + 1, y);
  path.moveTo(x, y - arm - 1);
  path.lineTo(x, y + arm + 1);
}
