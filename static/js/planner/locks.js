// Soft locks: what this person has in hand is said to others, and what others have is shown here.
import { byId, el, replace } from "../core/dom.js";
import { timer } from "../core/format.js";
import { _ } from "../core/words.js";

const AGAIN = 20_000; // Milliseconds between two words to the server while somebody is at work.
const IDLE = 30_000; // Without a move for so long nothing is said any more: the lock runs out.
const SETTLE = 150; // A row of clicks is one word to the server.

/** Keeps the locks of one scenario; events: "change". */
export class Locks extends EventTarget {
  constructor(client, { inHand, now }) {
    super();
    Object.assign(this, { client, inHand, now, held: [], asked: "[]", moved: 0, last: 0 });
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      window.addEventListener(name, () => this.move(), { passive: true });
    }
    window.addEventListener("pagehide", () => this.client.letGo());
    this.clock = setInterval(() => this.tick(), 1000);
  }

  move() {
    this.moved = Date.now();
  }

  /** What others have in hand now. */
  get others() {
    const now = this.now();
    return this.held.filter(({ mine, until }) => !mine && new Date(until) > now);
  }

  /** Who has this grid in hand, null when nobody else has. */
  of(key) {
    return this.others.find(({ grid }) => grid === String(key)) || null;
  }

  /** What is in hand may have changed. */
  follow() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.say(), SETTLE);
  }

  wanted() {
    return [...new Set(this.inHand().map(String))].sort();
  }

  async say() {
    const keys = this.wanted();
    const asked = JSON.stringify(keys);
    if (asked === this.asked && Date.now() - this.last < AGAIN) return;
    const first = asked !== this.asked;
    this.asked = asked;
    this.last = Date.now();
    try {
      const answer = await this.client.hold(keys);
      this.take(answer);
      if (first && answer.refused.some(({ by }) => by)) this.tell("refused", answer.refused);
    } catch {
      this.last = 0; // Tried again with the next tick: a lock is courtesy, work goes on without.
    }
  }

  take({ locks }) {
    this.held = locks;
    this.tell("change");
  }

  /** Others have taken or let go something. */
  async look() {
    try {
      this.take(await this.client.locks());
    } catch {
      // The next event or the next second asks again.
    }
  }

  tick() {
    const before = this.shown || 0;
    this.shown = this.others.length;
    if (this.shown < before) this.look();
    if (this.shown || before) this.tell("tick");
    const keys = this.wanted();
    const due = keys.length && Date.now() - this.moved < IDLE && Date.now() - this.last >= AGAIN;
    if (due || JSON.stringify(keys) !== this.asked) this.say();
  }

  tell(name, detail = null) {
    const event = new Event(name);
    event.detail = detail;
    this.dispatchEvent(event);
  }
}

/** Seconds left, as m:ss. */
export function left(until, now) {
  return timer(Math.max(0, Math.ceil((new Date(until) - now) / 1000)));
}

/** The section of the panel that lists who has what in hand. */
export class LockList {
  constructor(locks, { now, goTo }) {
    Object.assign(this, { locks, now, goTo });
    this.section = byId("locks");
    this.list = byId("lock-list");
    locks.addEventListener("change", () => this.draw());
    locks.addEventListener("tick", () => this.count());
  }

  draw() {
    const { others } = this.locks;
    this.section.hidden = !others.length;
    const key = others.map(({ grid, by, until }) => `${grid} ${by?.id} ${until}`).join();
    if (key === this.key) return;
    this.key = key;
    const people = new Map();
    for (const lock of others) people.set(lock.by.id, [...(people.get(lock.by.id) || []), lock]);
    replace(this.list, [...people.values()].map((held) => el("li", {},
      el("b", { class: "clip" }, held[0].by.name),
      el("span", { class: "row wrap" }, held.map(({ grid, label }) => el("button", {
        type: "button", class: "btn chip-button num", onclick: () => this.goTo(grid),
      }, label))),
      el("span", { class: "mut s num", "data-until": held.map(({ until }) => until).sort().at(-1) }))));
    this.count();
  }

  count() {
    if (!this.locks.others.length) this.draw();
    for (const node of this.list.querySelectorAll("[data-until]")) {
      node.textContent = _("{time} 后放开", { time: left(node.dataset.until, this.now()) });
    }
  }
}
