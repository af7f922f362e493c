// A scenario as this page holds it: what the server said last, and nothing else.

const isSpecial = ({ properties }) => properties.kind === "special";
const byId = (features) => new Map(features.map((feature) => [String(feature.id), feature]));

/** The two sides of an arc that are grids. */
export function sides(arc) {
  return [arc.properties.left, arc.properties.right].filter((key) => key !== null && key !== undefined);
}

/** Events: "change" (detail: keys of the grids that differ), "head" and "blocks". */
export class Scenario extends EventTarget {
  constructor() {
    super();
    // Special grids lie over the others and count in none of their sums.
    Object.assign(this, { head: null, grids: new Map(), specials: new Map(), arcs: new Map(), blocks: new Map() });
    Object.assign(this, { faults: [], version: null, confirmedAt: null, cut: false });
  }

  get minimum() {
    return this.head?.minimum ?? 300;
  }

  get maximum() {
    return this.head?.maximum ?? 500;
  }

  /** True for one of the steps this person may take now. */
  can(step) {
    return (this.head?.can || []).includes(step);
  }

  grid(key) {
    return this.grids.get(String(key)) || this.specials.get(String(key)) || null;
  }

  label(key) {
    return this.grid(key)?.properties.label || (key === null ? "" : String(key));
  }

  tell(name, detail = null) {
    const event = new Event(name);
    event.detail = detail;
    this.dispatchEvent(event);
  }

  /** State, steps, operations, figures; the grids may still be those of an earlier version. */
  takeHead(head) {
    this.head = head;
    this.tell("head");
  }

  /** Take all grids; returns the keys of those that are new, gone or other than before. */
  takeGrids(collection) {
    const fresh = byId(collection.features);
    const differ = [...fresh].filter(([key, grid]) => !same(this.grid(key), grid)).map(([key]) => key);
    differ.push(...[...this.grids.keys(), ...this.specials.keys()].filter((key) => !fresh.has(key)));
    this.grids = byId(collection.features.filter((grid) => !isSpecial(grid)));
    this.specials = byId(collection.features.filter(isSpecial));
    this.faults = collection.faults || [];
    if (collection.version !== undefined) this.version = collection.version;
    return differ;
  }

  takeArcs(collection) {
    this.arcs = byId(collection.features);
  }

  takeBlocks(collection) {
    this.blocks = byId(collection.features);
    this.cut = true;
    this.tell("blocks");
  }

  /** Take the server's answer to an operation. */
  apply(answer, at) {
    this.putGrids(answer);
    put(this.grids, answer.noded?.features); // Neighbours whose border got or lost a point.
    put(this.arcs, answer.arcs?.features, answer.removed_arcs);
    this.takeRest(answer, at);
    this.tell("change", changedKeys(answer));
  }

  /** Take all that has changed since a version: afterwards the page holds what the server holds. */
  catchUp(answer, at) {
    this.putGrids(answer);
    const touched = new Set(answer.keys.map(String));
    for (const [id, arc] of this.arcs) if (sides(arc).some((key) => touched.has(String(key)))) this.arcs.delete(id);
    put(this.arcs, answer.arcs?.features);
    this.takeRest(answer, at);
    const keys = [...new Set((answer.steps || []).flatMap((step) => step.keys || []))].map(String);
    this.tell("change", keys);
    return keys;
  }

  putGrids({ changed, removed }) {
    const features = changed?.features || [];
    put(this.grids, features.filter((grid) => !isSpecial(grid)), removed);
    put(this.specials, features.filter(isSpecial), removed);
  }

  takeRest(answer, at) {
    for (const { id, grid } of answer.blocks || []) {
      const block = this.blocks.get(String(id));
      if (block) block.properties = { ...block.properties, grid };
    }
    if (answer.faults) this.faults = answer.faults;
    this.version = answer.version;
    this.confirmedAt = at;
    Object.assign(this.head, takenOver(answer));
  }

  /** Take figures that were computed later; the version stays. */
  takeMeasures({ version, items, summary, faults }) {
    if (version !== this.version) return false;
    for (const { key, ...properties } of items) {
      const grid = this.grid(key);
      if (grid) grid.properties = { ...grid.properties, ...properties };
    }
    if (summary) this.head.summary = summary;
    if (faults) this.faults = faults;
    this.tell("change", items.map(({ key }) => String(key)));
    return true;
  }

  /** Arcs at a grid, longest first. */
  arcsOf(key) {
    const wanted = String(key);
    return [...this.arcs.values()]
      .filter((arc) => sides(arc).some((one) => String(one) === wanted))
      .sort((one, other) => (other.properties.metres || 0) - (one.properties.metres || 0));
  }

  /** Keys of the grids that share a border with this one. */
  neighbours(key) {
    const found = new Set();
    for (const arc of this.arcsOf(key)) {
      for (const one of sides(arc)) if (String(one) !== String(key)) found.add(String(one));
    }
    return [...found];
  }

  /** True when the grids hang together by shared borders. */
  together(keys) {
    const wanted = new Set([...keys].map(String));
    const [first] = wanted;
    const reached = new Set([first]);
    const open = [first];
    while (open.length) {
      for (const next of this.neighbours(open.pop())) {
        if (!wanted.has(next) || reached.has(next)) continue;
        reached.add(next);
        open.push(next);
      }
    }
    return reached.size === wanted.size;
  }

  /** Grids by their label, as people count them. */
  sorted() {
    return [...this.grids.values(), ...this.specials.values()].sort((one, other) =>
      String(one.properties.label).localeCompare(String(other.properties.label), "en", { numeric: true }));
  }
}

function put(held, features = [], removed = []) {
  for (const key of removed) held.delete(String(key));
  for (const feature of features) held.set(String(feature.id), feature);
}

function same(one, other) {
  return Boolean(one) && JSON.stringify(one) === JSON.stringify(other);
}

function takenOver(answer) {
  const kept = {};
  for (const name of ["version", "summary", "undo", "redo", "operations", "state", "can", "stale"]) {
    if (answer[name] !== undefined) kept[name] = answer[name];
  }
  return kept;
}

/** Keys that an answer adds, changes or removes. */
export function changedKeys(answer) {
  return [...(answer.changed?.features || []).map(({ id }) => String(id)), ...(answer.removed || []).map(String)];
}
