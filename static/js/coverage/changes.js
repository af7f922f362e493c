// The changes of a what-if: a list of small steps, each of which can be taken back.
import { distance } from "../core/format.js";
import { _ } from "../core/words.js";
import { lengthOf } from "../planner/lines.js";

const round = (value) => Math.round(value * 1e6) / 1e6;

/** Longitude and latitude as they are sent: a millionth of a degree is a tenth of a metre. */
export const place = ([lon, lat]) => [round(lon), round(lat)];

/**
 * Changes in the order in which they were made. A facility is moved or off, not both: the later
 * one stands. A facility that is moved twice keeps where it really is.
 */
export class Changes {
  constructor() {
    this.clear();
  }

  clear() {
    this.list = [];
    this.next = 1;
    this.bridges = false;
  }

  has(kind) {
    return this.list.some((change) => change.kind === kind);
  }

  /** Whether what is closed closes the bridges and tunnels in it as well. */
  withBridges(on) {
    this.bridges = on;
  }

  get empty() {
    return !this.list.length;
  }

  add(change) {
    const earlier = "facility" in change ? this.list.find(({ facility }) => facility === change.facility) : null;
    if (earlier) this.undo(earlier.number);
    const from = earlier?.from ?? change.from;
    const made = { ...change, ...(from ? { from } : {}), number: this.next };
    this.next += 1;
    this.list.push(made);
    return made;
  }

  close(geometry, name = null) {
    return this.add({ kind: "closed", geometry, name });
  }

  move(facility, name, from, to) {
    return this.add({ kind: "moved", facility, name, from: place(from), to: place(to) });
  }

  put(at, capacity = null) {
    return this.add({ kind: "added", at: place(at), ...(capacity ? { capacity } : {}) });
  }

  off(facility, name, at) {
    return this.add({ kind: "off", facility, name, at: place(at) });
  }

  undo(number) {
    this.list = this.list.filter((change) => change.number !== number);
  }

  /** The body that asks for the answer. */
  body() {
    const of = (kind) => this.list.filter((change) => change.kind === kind);
    return {
      closed: of("closed").map(({ geometry }) => geometry),
      moved: of("moved").map(({ facility, to }) => ({ facility, to })),
      added: of("added").map(({ at, capacity }) => (capacity ? { at, capacity } : { at })),
      off: of("off").map(({ facility }) => facility),
      ...(this.bridges ? { bridges: true } : {}),
    };
  }

  /** Take over what was kept under a name; `find(id)` gives `{name, at}` of a facility. */
  load(kept, find) {
    this.clear();
    this.bridges = Boolean(kept.bridges);
    for (const geometry of kept.closed || []) this.close(geometry);
    for (const { facility, to } of kept.moved || []) this.move(facility, find(facility).name, find(facility).at, to);
    for (const { at, capacity } of kept.added || []) this.put(at, capacity);
    for (const facility of kept.off || []) this.off(facility, find(facility).name, find(facility).at);
  }
}

/** One change in words. */
export function changeWords(change) {
  if (change.kind === "closed") {
    if (change.name) return _("{name}断了", { name: change.name });
    const lines = change.geometry.type === "LineString" ? [change.geometry.coordinates] : change.geometry.coordinates;
    const long = change.geometry.type.endsWith("LineString") ? lines.reduce((sum, line) => sum + lengthOf(line), 0) : null;
    return long === null ? _("一片路断了") : _("画的路断了，{long}", { long: distance(long) });
  }
  if (change.kind === "moved") return _("{name}挪到别处", { name: change.name });
  if (change.kind === "off") return _("{name}停了", { name: change.name });
  return change.capacity ? _("加一处，能住 {n} 人", { n: change.capacity }) : _("加一处");
}
