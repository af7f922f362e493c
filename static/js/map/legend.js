// The legend: only what is on the map now, shapes as on the map.
import { el, replace } from "../core/dom.js";
import { _ } from "../core/words.js";
import { symbolOf } from "./symbols.js";

function wordsOf(entry) {
  return entry.text || _(entry.words);
}

/** Keep `box` true to what the overlay has just drawn. */
export class Legend {
  constructor(box, overlay, title = null) {
    this.list = box.querySelector("ul");
    this.box = box;
    this.title = title;
    this.key = "";
    overlay.ondraw((view, layers) => this.update(layers.flatMap((layer) => layer.legend?.(view) || [])));
  }

  update(entries) {
    const key = JSON.stringify(entries.map((entry) => [entry.symbol, entry.level, wordsOf(entry)]));
    if (key === this.key) return;
    this.key = key;
    this.box.hidden = !entries.length;
    replace(this.list, entries.map((entry) => el("li", {}, symbolOf(entry), el("span", {}, wordsOf(entry)))));
  }
}
