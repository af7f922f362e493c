// The border in hand: squares are vertices, dots add one, filled squares are shared by three grids.
import { _ } from "../core/words.js";
import { metresPerPixel } from "../map/mercator.js";
import { HandLine, handle } from "./handles.js";
import { added, middles, moved, removed, selfCrossing } from "./lines.js";

const SNAP = 14; // Pixels within which a street draws the vertex to itself.
const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Edits one line whose ends are fixed. `changed(line)` is told while it moves, `committed(line)`
 * when it is dropped; whoever sends it calls `settle()` or `putBack()`.
 */
export class ArcEditor {
  constructor(map, streets, { changed = () => {}, committed, refused }) {
    Object.assign(this, { map, streets, changed, committed, refused });
    this.line = null; // As the server has it.
    this.shown = null; // As it is drawn now.
    this.hand = new HandLine(map);
    this.handles = [];
    this.onzoom = () => this.place();
    map.on("zoomend", this.onzoom);
  }

  /** Take a line in hand. */
  open(line) {
    this.line = line;
    this.draft(line);
    this.place();
  }

  close() {
    this.hand.remove();
    this.clear();
    this.line = this.shown = null;
  }

  get isOpen() {
    return this.line !== null;
  }

  get dirty() {
    return this.shown !== this.line;
  }

  draft(line) {
    this.shown = line;
    this.hand.show(line);
  }

  clear() {
    for (const marker of this.handles) marker.remove();
    this.handles = [];
  }

  /** Put handles on the line as it is shown; dots only where a segment has room for one. */
  place(focus = null) {
    if (!this.isOpen) return;
    this.clear();
    const line = this.shown;
    const last = line.length - 1;
    const room = this.perPixel() * 36;
    const point = (place) => this.map.latLngToLayerPoint([place[1], place[0]]);
    middles(line).forEach((place, i) => {
      const wide = point(line[i]).distanceTo(point(line[i + 1])) * this.perPixel();
      if (wide > room) this.handles.push(this.middle(place, i));
    });
    line.forEach((place, i) => {
      const kind = i === 0 || i === last ? "end" : "vertex";
      const one = this.vertex(place, i, kind);
      this.handles.push(one);
      if (i === focus) one.getElement()?.focus();
    });
  }

  perPixel() {
    return metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
  }

  snapped(place) {
    const found = this.streets.near(place, SNAP * this.perPixel());
    return found ? found.at : place;
  }

  vertex(place, index, kind) {
    return handle(this.map, place, {
      kind,
      label: _("第 {n} 个折点，方向键挪动，回车定下，删除键去掉", { n: index + 1 }),
      ondrag: (at) => this.drag(moved(this.shown, index, this.snapped(at)), index),
      ondrop: () => this.commit(),
      onkey: (event) => this.key(event, index),
    });
  }

  middle(place, index) {
    let base = null; // The line before the dot became a vertex.
    return handle(this.map, place, {
      kind: "middle",
      label: _("在第 {n} 段加折点", { n: index + 1 }),
      ondrag: (at) => {
        base ||= this.shown;
        return this.drag(added(base, index, this.snapped(at)), index + 1);
      },
      ondrop: () => this.commit(),
      onkey: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.draft(added(this.shown, index, place));
        this.place(index + 1);
      },
    });
  }

  drag(line, index) {
    this.draft(line);
    this.changed(line);
    return line[index];
  }

  key(event, index) {
    const step = NUDGE[event.key];
    if (step) {
      event.preventDefault();
      this.nudge(index, step, event.shiftKey ? 2 : 10);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.commit();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.draft(removed(this.shown, index));
      this.changed(this.shown);
      this.commit();
    }
  }

  nudge(index, [right, up], pixels) {
    const point = this.map.latLngToContainerPoint([this.shown[index][1], this.shown[index][0]]);
    const { lng, lat } = this.map.containerPointToLatLng([point.x + right * pixels, point.y - up * pixels]);
    this.draft(moved(this.shown, index, [lng, lat]));
    this.changed(this.shown);
    this.place(index);
  }

  /** What is drawn is meant: a line that crosses itself is not even sent. */
  commit() {
    if (!this.dirty) return;
    const crossed = selfCrossing(this.shown);
    if (crossed) {
      this.putBack();
      this.refused(_("边和自己交叉，放回了原处"), crossed);
      return;
    }
    this.hand.dim(true);
    this.committed(this.shown);
  }

  /** The server has taken it (the line may be its own by now). */
  settle(line) {
    this.hand.dim(false);
    this.open(line);
  }

  /** Not taken yet: the server's line may be another one by now, what is drawn stays. */
  keep(line) {
    this.line = line;
    this.hand.dim(false);
    this.place();
  }

  /** The border returns to where it was. */
  putBack() {
    if (!this.isOpen) return;
    this.hand.dim(false);
    this.draft(this.line);
    this.place();
    this.changed(this.line);
  }

  stop() {
    this.close();
    this.map.off("zoomend", this.onzoom);
  }
}
