// News draws lists anew while people touch them. A button that is taken away between press and
// release never hears its click: the tap is lost and nobody knows. So news waits for the hand.

const CLICK = 350; // ms from the release of a finger to the click that follows it
const LONGEST = 10_000; // ms that a hand at rest holds the news back

const BROWSER = { later: (ms, run) => setTimeout(run, ms), never: (timer) => clearTimeout(timer) };

export class Hand {
  constructor(environment = BROWSER) {
    Object.assign(this, environment);
    this.down = false;
    this.waiting = new Set();
  }

  /** Listen at the window, before everybody else. */
  watch(window) {
    window.addEventListener("pointerdown", () => this.hold(), true);
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => this.release(CLICK), true);
    window.addEventListener("click", () => this.release(0), true);
    return this;
  }

  hold() {
    this.down = true;
    this.end(LONGEST);
  }

  /** What waited is drawn when whoever hears the click has heard it. */
  release(ms) {
    if (!this.down) return;
    if (!ms) this.down = false; // What the click itself draws does not wait.
    this.end(ms);
  }

  end(ms) {
    this.never(this.timer);
    this.timer = this.later(ms, () => {
      this.down = false;
      const draws = [...this.waiting];
      this.waiting.clear();
      for (const draw of draws) globalThis.queueMicrotask(draw); // One that fails keeps no other from being drawn.
    });
  }

  /** `draw` as it is while no hand is on the page, else once, when the hand is gone. */
  free(draw) {
    return () => {
      if (this.down) this.waiting.add(draw);
      else draw();
    };
  }

  /** A promise for what is read first and drawn then. */
  gone() {
    return new Promise((resolve) => this.free(resolve)());
  }
}

const hand = new Hand();
if (globalThis.window) hand.watch(globalThis.window);

export const free = (draw) => hand.free(draw);
export const handGone = () => hand.gone();
