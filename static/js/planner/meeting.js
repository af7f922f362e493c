// Where three borders meet: the point is moved in all of them at once.
import { HandLine } from "./handles.js";

const same = (one, other) => one[0] === other[0] && one[1] === other[1];

/** The borders that meet at a place; null unless they are three or more and all may be moved. */
export function meetingAt(arcs, place) {
  const found = [...arcs].filter(({ geometry: { coordinates } }) =>
    same(coordinates[0], place) || same(coordinates.at(-1), place));
  return found.length >= 3 && found.every(({ properties }) => properties.movable) ? found : null;
}

/** Lines with one of their points elsewhere. */
export function bent(arcs, at, to) {
  return arcs.map(({ geometry }) => geometry.coordinates.map((place) => (same(place, at) ? to : place)));
}

/** Lines that follow the one in hand. */
export class Ghosts {
  constructor(map) {
    this.map = map;
    this.hands = [];
  }

  show(lines) {
    while (this.hands.length < lines.length) this.hands.push(new HandLine(this.map));
    this.hands.forEach((hand, i) => (i < lines.length ? hand.show(lines[i]) : hand.remove()));
  }
}
