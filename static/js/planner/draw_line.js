// Drawing a line by taps: each tap a point, drawn on streets when one is near.
import { metresPerPixel } from "../map/mercator.js";
import { HandLine, handle } from "./handles.js";
import { metres, selfCrossing } from "./lines.js";

const SNAP = 12; // Pixels.
const SAME = 4; // Pixels: two taps on one place are one point.

/** A line being drawn, or an outline when `closed`. `changed(line)` hears of every point. */
export class LineDrawing {
  constructor(map, streets, changed = () => {}, { closed = false } = {}) {
    Object.assign(this, { map, streets, changed, closed, line: [], marks: [] });
    this.hand = new HandLine(map, { name: "cut-line" });
    this.onmove = (event) => this.follow([event.latlng.lng, event.latlng.lat]);
  }

  start() {
    this.map.doubleClickZoom.disable();
    this.map.on("mousemove", this.onmove);
  }

  stop() {
    this.map.doubleClickZoom.enable();
    this.map.off("mousemove", this.onmove);
    this.clear();
  }

  perPixel() {
    return metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
  }

  clear() {
    this.line = [];
    this.draw();
    this.hand.remove();
  }

  /** Put the next point here; false when it is where the last one is. */
  add(place) {
    const found = this.streets.near(place, SNAP * this.perPixel());
    const at = found ? found.at : place;
    const last = this.line.at(-1);
    if (last && metres(last, at) < SAME * this.perPixel()) return false;
    this.line = [...this.line, at];
    this.draw();
    return true;
  }

  /** Take the last point back. */
  back() {
    this.line = this.line.slice(0, -1);
    this.draw();
  }

  follow(place) {
    if (this.line.length) this.hand.show(this.whole([...this.line, place]));
  }

  draw() {
    for (const mark of this.marks) mark.remove();
    this.marks = this.line.map((place) => handle(this.map, place, { kind: "end" }));
    if (this.line.length) this.hand.show(this.whole(this.line));
    else this.hand.remove();
    this.changed(this.line);
  }

  /** An outline goes back to where it began. */
  whole(line) {
    return this.closed && line.length > 2 ? [...line, line[0]] : line;
  }

  get crossing() {
    return selfCrossing(this.whole(this.line));
  }

  wait(waiting) {
    this.hand.dim(waiting);
  }
}
