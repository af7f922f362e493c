// Where a household stands: what all steps that people noted come to. The same rules as the
// server's (gridmap/model/call_out.py): a tablet without a network shows what the server will say.
const BEFORE_LEAVING = ["called", "answered", "no_answer"];
const BEFORE_ARRIVAL = ["departed", "refused", "not_found"];
const ON_THE_WAY = ["departed", "arrived"];

class Folding {
  constructor(people, homeFrom) {
    Object.assign(this, {
      homeFrom,
      people: Math.max(people || 0, 1), state: "waiting", at: null, channel: null, attempts: 0,
      counted: [], help: false, last: null, place: null, home: null,
    });
  }

  get arrived() {
    return this.counted.reduce((sum, one) => sum + one, 0);
  }

  to(state, step) {
    this.state = state;
    this.at = step.at;
  }

  take(step) {
    if (BEFORE_LEAVING.includes(step.kind)) return this.called(step);
    if (BEFORE_ARRIVAL.includes(step.kind)) return this.moved(step);
    if (step.kind === "arrived") return this.came(step);
    if (step.kind === "home") {
      if (!this.counted.length || !this.homeFrom || new Date(step.at) < new Date(this.homeFrom)) return false;
      this.home = step.at;
      return true;
    }
    this.help = !ON_THE_WAY.includes(this.state);
    return true;
  }

  called(step) {
    if (ON_THE_WAY.includes(this.state)) return false;
    if (step.kind !== "answered") {
      this.attempts += 1;
      this.channel = step.channel || this.channel;
    }
    if (!(step.kind === "called" && this.state === "answered")) this.to(step.kind, step);
    return true;
  }

  moved(step) {
    if (this.counted.length) return false;
    if (step.kind === "departed") this.help = false;
    this.to(step.kind, step);
    return true;
  }

  came(step) {
    if (this.state === "arrived") return false;
    const rest = this.people - this.arrived;
    const asked = step.people || rest;
    this.counted.push(this.counted.length ? Math.min(asked, rest) : asked);
    this.help = false;
    this.place = step.place || this.place;
    this.to(step.all_in || this.arrived >= this.people ? "arrived" : "departed", step);
    return true;
  }
}

function order(one, other) {
  return new Date(one.at) - new Date(other.at) || one.seq - other.seq;
}

/**
 * Work out where a household of so many people stands; `last` is the step that can be taken back.
 * Nobody is home again before the way home was opened at `homeFrom`; without it, it is not.
 */
export function fold(steps, people, homeFrom = null) {
  const undone = new Set(steps.filter(({ kind }) => kind === "undone").map(({ undoes }) => undoes));
  const folding = new Folding(people, homeFrom);
  const clashes = [];
  let last = null;
  for (const step of [...steps].sort(order)) {
    if (step.kind === "undone" || undone.has(step.id)) continue;
    if (folding.take(step)) last = step;
    else clashes.push(step.id);
  }
  const { state, at, channel, attempts, arrived, help, place, home } = folding;
  return { state, at, channel, attempts, arrived, help, place, home, last, clashes };
}

/** A household with what this tablet has noted and not sent yet; what the server has is known by its id. */
export function standing(item, waiting = [], homeFrom = null) {
  const known = new Set(item.steps.map(({ id }) => id));
  const mine = waiting.filter(({ id }) => !known.has(id))
    .map((step, i) => ({ ...step, ...(step.kind === "home" && homeFrom && new Date(step.at) < new Date(homeFrom) ? { at: homeFrom } : {}), seq: 1e9 + i }));
  return { ...item, ...fold([...item.steps, ...mine], item.people, homeFrom) };
}
