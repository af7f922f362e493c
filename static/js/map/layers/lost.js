// Households that have just lost cover: a cross on each, over everything that is quiet.
import { FeatureLayer } from "./layer.js";

const HALF = 4.5;

export class LostLayer extends FeatureLayer {
  constructor(group) {
    super("lost", group, 40);
  }

  reserve(view) {
    this.drawn = this.points(view);
  }

  draw({ ctx, colours }) {
    const marks = this.drawn || [];
    ctx.beginPath();
    for (const { x, y } of marks) {
      ctx.moveTo(x - HALF, y - HALF);
      ctx.lineTo(x + HALF, y + HALF);
      ctx.moveTo(x + HALF, y - HALF);
      ctx.lineTo(x - HALF, y + HALF);
    }
    ctx.lineCap = "round";
    ctx.strokeStyle = colours.halo;
    ctx.lineWidth = 5;
    ctx.stroke();
    ctx.strokeStyle = colours.ink;
    ctx.lineWidth = 2;
    ctx.stroke();
    ctx.lineCap = "butt";
  }

  hit() {
    return null; // The household under it is what is looked at.
  }

  legend() {
    return (this.drawn || []).length ? [{ symbol: "missed", words: "刚到不了的户" }] : [];
  }
}
