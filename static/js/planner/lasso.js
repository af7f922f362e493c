// A ring drawn in one stroke round what is meant; the map stands still meanwhile.
import { HandLine } from "./handles.js";

const STEP = 6; // Pixels between two points of the ring.
const LEAST = 3; // Points that make a ring.

export class Lasso {
  /** `done(ring)` is told the closed ring as places; nothing when the stroke was only a tap. */
  constructor(map, done) {
    Object.assign(this, { map, done, on: false, ring: [] });
    this.hand = new HandLine(map, { name: "cut-line" });
    this.box = map.getContainer();
    this.ondown = (event) => this.down(event);
    this.onmove = (event) => this.move(event);
    this.onup = (event) => this.up(event);
  }

  start() {
    if (this.on) return;
    this.on = true;
    this.map.dragging.disable();
    this.box.classList.add("lasso");
    this.box.addEventListener("pointerdown", this.ondown);
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.map.dragging.enable();
    this.box.classList.remove("lasso");
    this.box.removeEventListener("pointerdown", this.ondown);
    this.end();
  }

  place(event) {
    const { lng, lat } = this.map.mouseEventToLatLng(event);
    return [lng, lat];
  }

  down(event) {
    if (event.button || event.target.closest(".leaflet-control, .handle")) return;
    this.ring = [this.place(event)];
    this.last = [event.clientX, event.clientY];
    window.addEventListener("pointermove", this.onmove);
    window.addEventListener("pointerup", this.onup, { once: true });
    window.addEventListener("pointercancel", this.onup, { once: true });
  }

  move(event) {
    const [x, y] = this.last;
    if (Math.hypot(event.clientX - x, event.clientY - y) < STEP) return;
    this.last = [event.clientX, event.clientY];
    this.ring.push(this.place(event));
    this.hand.show([...this.ring, this.ring[0]]);
  }

  up(event) {
    const { ring } = this;
    this.end();
    if (event.type === "pointercancel" || ring.length < LEAST) return;
    // The click that follows the stroke belongs to it, not to what lies under its end.
    this.justDrawn = Date.now();
    this.done([...ring, ring[0]]);
  }

  /** True for the click that ends a stroke. */
  get ended() {
    return Date.now() - (this.justDrawn || 0) < 300;
  }

  end() {
    window.removeEventListener("pointermove", this.onmove);
    window.removeEventListener("pointerup", this.onup);
    window.removeEventListener("pointercancel", this.onup);
    this.ring = [];
    this.hand.remove();
  }
}
