// Work that changes ask for again and again: done soon, but at most once in a while.

const BROWSER = {
  clock: () => performance.now(),
  later: (ms, run) => setTimeout(run, ms),
};

/** Runs `run`, which may give a promise, at most once in `every` milliseconds when asked by `soon`. */
export class Seldom {
  constructor(run, every, environment = BROWSER) {
    Object.assign(this, { run, every }, environment);
    this.last = -Infinity;
    this.waiting = false;
  }

  /** At once: what a person asks for does not wait. */
  now(given) {
    this.last = this.clock();
    this.running = this.run(given);
    return this.running;
  }

  /** Soon: calls in between are one, calls without end do not put it off, none overtakes a run. */
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    this.later(Math.max(0, this.last + this.every - this.clock()), async () => {
      await Promise.allSettled([this.running]);
      this.waiting = false;
      this.now();
    });
  }
}
