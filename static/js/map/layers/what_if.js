// The changes of a what-if on the map: closed roads, moved, added and sleeping facilities.
import { shape, toWorld } from "../mercator.js";
import { tag } from "../glyphs.js";
import { boxAround } from "../placing.js";

function stroke(view, lines, dash) {
  const { ctx, colours } = view;
  ctx.lineCap = ctx.lineJoin = "round";
  for (const [width, colour] of [[9, colours.halo], [5, colours.ink]]) {
    view.trace(lines, false);
    ctx.setLineDash(width === 5 ? dash : []);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function barred({ ctx, colours }, x, y) {
  ctx.beginPath();
  ctx.arc(x, y, 12, 0, Math.PI * 2);
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.lineWidth = 3;
  ctx.strokeStyle = colours.ink;
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x - 6, y);
  ctx.lineTo(x + 6, y);
  ctx.stroke();
}

function crossed({ ctx, colours }, x, y, arm = 17) {
  for (const [width, colour] of [[7, colours.halo], [3.5, colours.ink]]) {
    ctx.beginPath();
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x + arm, y - arm);
    ctx.lineTo(x - arm, y + arm);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

/** Draws a list of changes, each `{kind, number, geometry?, from?, to?, at?}`, and the line in hand. */
export class WhatIfLayer {
  constructor() {
    Object.assign(this, { id: "what-if", importance: 90, changes: [], line: [], changed: () => {} });
  }

  setChanges(changes) {
    this.changes = changes;
    this.changed();
  }

  setLine(points) {
    this.line = points;
    this.changed();
  }

  /** Where the number of a change stands. */
  anchor(view, change) {
    if (change.kind === "closed") {
      const [line] = shape(change.geometry)?.lines || [];
      if (!line) return null;
      const middle = Math.floor(line.length / 4) * 2;
      return view.at(line[middle], line[middle + 1]);
    }
    const place = change.to || change.at;
    return place ? view.at(...toWorld(place)) : null;
  }

  reserve(view) {
    this.anchors = this.changes.map((change) => ({ change, at: this.anchor(view, change) })).filter(({ at }) => at);
    for (const { at: [x, y] } of this.anchors) view.boxes.take(boxAround(x, y, 36, 36));
  }

  draw(view) {
    for (const { change, at } of this.anchors || []) this.one(view, change, at);
    if (!this.line.length) return;
    const form = shape({ type: "LineString", coordinates: this.line });
    if (this.line.length > 1) stroke(view, form.lines, [10, 7]);
    for (const point of this.line) {
      const [x, y] = view.at(...toWorld(point));
      const { ctx, colours } = view;
      ctx.beginPath();
      ctx.rect(x - 5, y - 5, 10, 10);
      ctx.fillStyle = colours.surface;
      ctx.fill();
      ctx.lineWidth = 3;
      ctx.strokeStyle = colours.ink;
      ctx.stroke();
    }
  }

  one(view, change, [x, y]) {
    const { ctx, colours } = view;
    if (change.kind === "closed") {
      stroke(view, shape(change.geometry).lines, [10, 7]);
      barred(view, x, y);
    } else if (change.kind === "off") crossed(view, x, y);
    else {
      if (change.kind === "moved") this.arrow(view, change.from, [x, y]);
      ctx.save();
      ctx.lineCap = "butt";
      ctx.setLineDash([5, 3]);
      ctx.beginPath();
      ctx.arc(x, y, 15, 0, Math.PI * 2);
      ctx.fillStyle = colours.surface;
      ctx.fill();
      ctx.lineWidth = 4;
      ctx.strokeStyle = colours.accent;
      ctx.stroke();
      ctx.restore();
    }
    const aside = change.kind === "closed" || change.kind === "off";
    tag(ctx, String(change.number), aside ? x + 21 : x, aside ? y - 12 : y + 0.5, colours,
      { size: 15, fill: aside ? colours.ink : colours.accent, halo: aside ? 5 : 0.01 });
  }

  arrow(view, from, [x, y]) {
    const { ctx, colours } = view;
    const [fromX, fromY] = view.at(...toWorld(from));
    ctx.save();
    ctx.setLineDash([8, 6]);
    for (const [width, colour] of [[7, colours.halo], [3, colours.accent]]) {
      ctx.beginPath();
      ctx.moveTo(fromX, fromY);
      ctx.lineTo(x, y);
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
    ctx.restore();
  }

  legend() {
    const kinds = new Set(this.changes.map(({ kind }) => kind));
    const entries = [];
    if (kinds.has("closed")) entries.push({ symbol: "blocked", words: "假设断的路" });
    if (kinds.has("moved") || kinds.has("added")) entries.push({ symbol: "site", words: "假设的设施" });
    if (kinds.has("off")) entries.push({ symbol: "missed", words: "假设停的设施" });
    return entries;
  }
}
