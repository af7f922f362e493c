// The scale bar: a round length that fits, in the metres of the middle of the map.
import { el, replace } from "../core/dom.js";
import { distance } from "../core/format.js";
import { metresPerPixel } from "./mercator.js";

const WIDEST = 110;

/** The largest of 1, 2, 5 times a power of ten that is no wider than `widest` pixels. */
export function roundLength(metres, widest = WIDEST) {
  const limit = metres * widest;
  const power = 10 ** Math.floor(Math.log10(limit));
  const times = [5, 2, 1].find((factor) => factor * power <= limit) || 1;
  return times * power;
}

export class Scale {
  constructor(box, map) {
    Object.assign(this, { box, map });
    this.bar = el("i", { class: "scale-bar", "aria-hidden": "true" });
    this.words = el("span", { class: "num" });
    replace(box, this.words, this.bar);
    map.on("zoomend moveend", () => this.update());
    this.update();
  }

  update() {
    const metres = metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
    const length = roundLength(metres);
    this.bar.style.width = `${Math.round(length / metres)}px`;
    this.words.textContent = distance(length);
  }
}
