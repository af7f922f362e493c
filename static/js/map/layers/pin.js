// One pin: where the person has just pointed.
import { toWorld } from "../mercator.js";

const PIN = "M0 0C-4 -8 -12 -13 -12 -22A12 12 0 1 1 12 -22C12 -13 4 -8 0 0Z";

export class PinLayer {
  constructor() {
    Object.assign(this, { id: "pin", importance: 120, place: null, changed: () => {} });
  }

  /** Put the pin at longitude and latitude, or take it away with null. */
  put(lonlat) {
    this.place = lonlat;
    this.changed();
  }

  draw(view) {
    if (!this.place) return;
    const { ctx, colours } = view;
    ctx.save();
    ctx.translate(...view.at(...toWorld(this.place)));
    const path = new window.Path2D(PIN);
    ctx.fillStyle = colours.accent;
    ctx.fill(path);
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colours.halo;
    ctx.stroke(path);
    ctx.beginPath();
    ctx.arc(0, -22, 4.5, 0, Math.PI * 2);
    ctx.fillStyle = colours.onAccent;
    ctx.fill();
    ctx.restore();
  }
}
