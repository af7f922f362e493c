// The ground that a possible site would reach anew: a dashed line round its households.
import { outlineOf } from "../../coverage/outline.js";
import { toWorld } from "../mercator.js";

const AROUND = 80; // Metres of ground round a household that are drawn as reached.
const LEAST = 9; // Pixels: farther away the line stays a line.
const METRES_ROUND = 40075016.686;

export class GainedGround {
  constructor() {
    Object.assign(this, { id: "gained-ground", importance: 20, spots: [], rings: [], scale: null, changed: () => {} });
  }

  /** Places `[lon, lat]` that would be reached; none takes the line away. */
  setSpots(spots) {
    this.latitude = spots.length ? spots[0][1] : 0;
    Object.assign(this, { spots: spots.map(toWorld), scale: null });
    this.changed();
  }

  draw(view) {
    if (!this.spots.length) return;
    const { ctx, colours, origin, scale } = view;
    if (scale !== this.scale) {
      const pixels = scale / (METRES_ROUND * Math.cos((this.latitude * Math.PI) / 180));
      this.rings = outlineOf(this.spots.map(([x, y]) => [x * scale, y * scale]), Math.max(LEAST, AROUND * pixels));
      this.scale = scale;
    }
    const path = new window.Path2D();
    for (const ring of this.rings) {
      ring.forEach(([x, y], i) => (i ? path.lineTo(x - origin.x, y - origin.y) : path.moveTo(x - origin.x, y - origin.y)));
      path.closePath();
    }
    ctx.save();
    ctx.lineJoin = "round";
    ctx.lineWidth = 6;
    ctx.strokeStyle = colours.halo;
    ctx.stroke(path);
    ctx.lineWidth = 3.2;
    ctx.setLineDash([9, 6]);
    ctx.strokeStyle = colours.accent;
    ctx.stroke(path);
    ctx.restore();
  }

  legend() {
    return this.spots.length ? [{ symbol: "reached", words: "加站后能到" }] : [];
  }
}
