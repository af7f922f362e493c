// The border in hand: squares are vertices, dots add one, lozenges are where three grids meet; filled
// squares stay.
import { _ } from "../core/words.js";
import { metresPerPixel } from "../map/mercator.js";
import { HandLine, handle } from "./handles.js";
import { added, middles, moved, removed, selfCrossing } from "./lines.js";
import { Ghosts, bent } from "./meeting.js";

const SNAP = 14; // Pixels within which a street draws the vertex to itself.
const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Edits one line whose ends are fixed. `changed(line)` is told while it moves, `committed(line)`
 * when it is dropped; whoever sends it calls `settle()` or `putBack()`. `meeting(place)` gives the
 * borders that meet at an end that may be moved, `joined(arcs, at, to)` is told when it is dropped.
 */
export class ArcEditor {
  constructor(map, streets, { changed = () => {}, committed, refused, meeting = () => null, joined }) {
    Object.assign(this, { map, streets, changed, committed, refused, meeting, joined });
    this.ghosts = new Ghosts(map);
    this.met = null; // The end in hand: the borders that meet there, where it was and where it is.
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
    this.ghosts.show([]);
    this.clear();
    this.met = null;
    this.line = this.shown = null;
  }

  get isOpen() {
    return this.line !== null;
  }

  get dirty() {
    return this.shown !== this.line;
  }

  draft(line, met = null) {
    Object.assign(this, { shown: line, met });
    this.hand.show(line);
    this.ghosts.show(met ? bent(met.arcs, met.at, met.to) : []);
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
      const arcs = kind === "end" && this.meeting(this.endOf(i));
      const one = arcs ? this.end(place, i, arcs) : this.vertex(place, i, kind);
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
      ondrag: (at) => this.drag(moved(this.alone(), index, this.snapped(at)), index),
      ondrop: () => this.commit(),
      onkey: (event) => this.key(event, index),
    });
  }

  /** Where the server has the end of the line that is shown with so many points. */
  endOf(index) {
    return index === 0 ? this.line[0] : this.line.at(-1);
  }

  /** The handle of an end where borders meet: they all follow it. */
  end(place, index, arcs) {
    const at = this.endOf(index);
    const last = this.line.length - 1;
    const take = (to) => {
      this.draft(moved(this.line, index === 0 ? 0 : last, to), { arcs, at, to });
      this.changed(this.shown);
      return to;
    };
    return handle(this.map, place, {
      kind: "meeting",
      label: _("几条边相交的点，方向键挪动，回车定下"),
      ondrag: (to) => take(this.snapped(to)),
      ondrop: () => this.commit(),
      onkey: (event) => {
        const step = NUDGE[event.key];
        if (step) {
          event.preventDefault();
          take(this.beside(this.shown[index === 0 ? 0 : this.shown.length - 1], step, event.shiftKey ? 2 : 10));
          this.place(index === 0 ? 0 : last);
        } else if (event.key === "Enter") {
          event.preventDefault();
          this.commit();
        }
      },
    });
  }

  middle(place, index) {
    let base = null; // The line before the dot became a vertex.
    return handle(this.map, place, {
      kind: "middle",
      label: _("在第 {n} 段加折点", { n: index + 1 }),
      ondrag: (at) => {
        base ||= this.alone();
        return this.drag(added(base, index, this.snapped(at)), index + 1);
      },
      ondrop: () => this.commit(),
      onkey: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.draft(added(this.alone(), index, place));
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
      this.draft(removed(this.alone(), index));
      this.changed(this.shown);
      this.commit();
    }
  }

  beside([lon, lat], [right, up], pixels) {
    const point = this.map.latLngToContainerPoint([lat, lon]);
    const found = this.map.containerPointToLatLng([point.x + right * pixels, point.y - up * pixels]);
    return [found.lng, found.lat];
  }

  /** The line that is shown; a meeting point that waits for Enter goes back before the line moves. */
  alone() {
    if (this.met) this.draft(this.line);
    return this.shown;
  }

  nudge(index, step, pixels) {
    this.draft(moved(this.alone(), index, this.beside(this.shown[index], step, pixels)));
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
    if (this.met) this.joined(this.met.arcs, this.met.at, this.met.to);
    else this.committed(this.shown);
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
