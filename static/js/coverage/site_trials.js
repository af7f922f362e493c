// A site tried out at a place: what it would bring there, found once for each place and limit.
import { shareOfTotals } from "./answer.js";

const keyOf = (at, limit) => `${at.map((one) => one.toFixed(6)).join(" ")} ${limit}`;

/** The figures of a card out of the answer of a what-if with one more facility. */
export function figuresOf({ before, after, households }) {
  const fewer = (name) => (Number.isFinite(before[name]) && Number.isFinite(after[name]) ? before[name] - after[name] : undefined);
  return {
    households: fewer("uncovered"), people: fewer("people_uncovered"), with_needs: fewer("with_needs_uncovered"),
    share_before: shareOfTotals(before), share_after: shareOfTotals(after),
    spots: households.filter(([, , , kind]) => kind === "gained").map(([, lon, lat]) => [lon, lat]),
  };
}

/** Grids by what each of two sites would bring to them, those that differ most first. */
export function byGrid(one, other) {
  const rows = new Map();
  [one, other].forEach(({ grids }, side) => grids.forEach((grid) => {
    const code = String(grid.code);
    if (!rows.has(code)) rows.set(code, { code, label: grid.label, gains: [0, 0] });
    rows.get(code).gains[side] = grid.gained - grid.lost;
  }));
  const apart = ({ gains: [a, b] }) => Math.abs(a - b);
  return [...rows.values()].filter(({ gains }) => gains.some((gain) => gain))
    .sort((a, b) => apart(b) - apart(a) || a.code.localeCompare(b.code));
}

/** How many households both sites reach, only the one, only the other; null where not all are known. */
export function shared(one, other) {
  const gained = [one, other].map((answer) => answer.households.filter(([, , , kind]) => kind === "gained").map(([id]) => id));
  if (gained.some((ids, i) => ids.length !== [one, other][i].counts.gained)) return null;
  const there = new Set(gained[1]);
  const both = gained[0].filter((id) => there.has(id)).length;
  return { both, first: gained[0].length - both, second: gained[1].length - both };
}

export class SiteTrials {
  constructor(desk, working) {
    Object.assign(this, { desk, working, held: new Map() });
  }

  clear() {
    this.held.clear();
  }

  /** The answer for one more facility at a place; null when something else was asked for meanwhile. */
  async at(place) {
    const { desk } = this;
    const key = keyOf(place, desk.limit);
    if (!this.held.has(key)) {
      const body = { standard: desk.standard.key, ...(desk.run?.area ? { area: desk.run.area } : {}), added: [{ at: place }] };
      if (desk.limit !== null && desk.limit !== desk.own) body.limit = desk.limit;
      const result = await this.working.ask("/api/coverage/what-if", body);
      if (!result) return null;
      this.held.set(key, { ...result, job: this.working.id });
    }
    return this.held.get(key);
  }
}
