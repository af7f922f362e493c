// Sends what waits: one sender on a tablet, words before photos, again and again until a receipt
// with the right hash is there. Nothing is taken for sent because it was sent.
import { bytesOf, sha256 } from "./seal.js";
import { inOrder, unsent } from "./states.js";
import { verdict } from "./verdict.js";
import { WrongState } from "./outbox.js";

const LOCK = "gridmap-outbox";
const PAUSES = [2, 4, 8, 15, 30, 60]; // Seconds; the last one for ever.
const SKEW = 300; // Seconds of a wrong clock that are worth a word.

/** Seconds to wait after so many failures in a row. */
export function pause(failures) {
  return PAUSES[Math.min(failures, PAUSES.length) - 1] || 0;
}

/** Answers after which the whole way is in question, not one item. */
const WAY = new Set(["unreachable", "stranger"]);

export class Sender extends EventTarget {
  /**
   * `server`: start(), post(path, bytes, token), put(path, bytes, type, token);
   * `locks`: those of the browser; `clock()`: seconds that never jump; `later(seconds, work)`.
   */
  constructor(outbox, { server, locks, clock, later }) {
    super();
    Object.assign(this, { outbox, server, locks, clock, later });
    this.failures = 0; // In a row, of the way.
    this.delays = new Map(); // Item -> {failures, until}: of one item, in this page's own time.
    this.state = "idle";
    this.token = null;
    this.stopped = false;
    this.timer = 0;
  }

  tell(state, detail = {}) {
    this.state = state;
    this.detail = detail;
    this.dispatchEvent(new Event("state"));
  }

  /** Try now: something was queued, or the network is said to be back. */
  poke() {
    this.failures = 0;
    this.delays.clear();
    this.photoAbort?.abort();
    return this.run();
  }

  stop() {
    this.stopped = true;
    this.photoAbort?.abort();
  }

  /** One pass at a time in this page; another tab that is at it keeps us out. */
  run() {
    if (this.stopped) return Promise.resolve();
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? this.pass() : null))
      .catch((error) => this.tell("broken", { error }))
      .finally(() => {
        this.running = null;
        if (this.again) {
          this.again = false;
          this.run();
        } else {
          this.schedule();
        }
      });
    return this.running;
  }

  async schedule() {
    if (this.stopped) return;
    const waiting = unsent(await this.outbox.all()).length;
    const round = ++this.timer;
    const seconds = this.failures ? pause(this.failures) : waiting ? PAUSES[1] : PAUSES.at(-1);
    if (waiting || this.failures) this.later(seconds, () => round === this.timer && this.run());
  }

  async pass() {
    const waiting = inOrder(await this.outbox.all()).filter(({ item }) => this.due(item));
    if (!waiting.length) return;
    if (!(await this.knock())) return;
    const done = new Set();
    for (;;) {
      const [next] = inOrder(await this.outbox.all())
        .filter(({ item, part }) => this.due(item) && !done.has(`${item.id}:${part}`));
      if (!next || this.stopped) break;
      done.add(`${next.item.id}:${next.part}`);
      const goOn = next.part === "body" ? await this.sendBody(next.item) : await this.sendPhotos(next.item);
      if (!goOn) return;
    }
    this.tell("idle");
  }

  due({ id }) {
    return this.clock() >= (this.delays.get(id)?.until || 0);
  }

  /** Ask who is signed in: nobody's words go out under another person's name. */
  async knock() {
    const start = await this.server.start();
    if (start.kind === "again") return this.wayFailed(start.why);
    if (start.kind === "signin") return this.halt("signin");
    if (start.user !== this.outbox.owner) return this.halt("other");
    this.token = start.csrf_token;
    this.failures = 0;
    this.tell("sending");
    return true;
  }

  halt(state) {
    this.failures = PAUSES.length; // Nothing to hurry for: only the person can change it.
    this.tell(state);
    return false;
  }

  wayFailed(why) {
    this.failures += 1;
    this.tell("waiting", { why });
    return false;
  }

  async sendBody(item) {
    if (!(await this.take(item))) return true;
    const bytes = bytesOf(item.content.body);
    const sent = { digest: await sha256(bytes), id: item.id, field: "id" };
    const answer = await this.server.post(item.content.path, bytes, this.token);
    return this.settle(item, verdict(answer, sent), (receipt) => this.received(item, receipt));
  }

  /** Claim an item for this try; false when it was taken back meanwhile. */
  async take(item) {
    try {
      await this.outbox.step(item.id, "sending", (fresh) => {
        fresh.tries += 1;
      });
      return true;
    } catch (error) {
      if (error instanceof WrongState) return false;
      throw error;
    }
  }

  received(item, receipt) {
    const known = new Map((receipt.photos || []).map((one) => [one.sha256, one]));
    return this.outbox.update(item.id, (fresh) => {
      const { content } = fresh;
      content.receipt = receipt;
      content.skew = Math.abs(receipt.skew_seconds || 0) > SKEW ? receipt.skew_seconds : null;
      content.problem = null;
      for (const photo of content.photos || []) {
        if (known.get(photo.sha256)?.state === "stored") photo.state = "stored";
      }
      fresh.received = true;
      fresh.state = (content.photos || []).some(({ state }) => state === "waiting") ? "sending" : "accepted";
    });
  }

  /** Act on a verdict; false ends the pass. */
  async settle(item, found, accept) {
    if (found.kind === "accepted") {
      this.delays.delete(item.id);
      await accept(found.receipt);
      return true;
    }
    if (found.kind === "refused" || found.kind === "conflict") {
      await this.outbox.step(item.id, "refused", ({ content }) => {
        content.problem = { ...found.problem, conflict: found.kind === "conflict" };
      });
      return true;
    }
    await this.outbox.step(item.id, item.received ? "sending" : "queued", ({ content }) => {
      content.why = found.why || found.kind;
    });
    if (found.kind === "signin") return this.halt("signin");
    if (WAY.has(found.why)) return this.wayFailed(found.why);
    const failures = (this.delays.get(item.id)?.failures || 0) + 1;
    this.delays.set(item.id, { failures, until: this.clock() + (found.after || pause(failures)) });
    return found.kind === "token" ? this.knock() : true;
  }

  async sendPhotos(item) {
    for (const { sha256: digest, state } of item.content.photos || []) {
      if (state !== "waiting") continue;
      if (!(await this.sendPhoto(item, digest))) return false;
    }
    return true;
  }

  async sendPhoto(item, digest) {
    const photo = await this.outbox.photo(item.id, digest);
    if (!photo) return this.photoSettled(item, digest, "lost");
    this.photoAbort = new AbortController();
    const path = `${item.content.path}/${item.id}/photos/${digest}`;
    const answer = await this.server.put(path, photo.bytes, photo.type, this.token, this.photoAbort.signal);
    this.photoAbort = null;
    if (answer.aborted) {
      this.again = true;
      return false;
    }
    const found = verdict(answer, { digest, id: digest, field: "sha256" });
    if (found.kind === "refused" && found.problem.status === 404) return this.sendAgain(item);
    if (found.kind === "refused" || found.kind === "conflict") {
      return this.photoSettled(item, digest, "refused", found.problem);
    }
    return this.settle(item, found, () => this.photoSettled(item, digest, "stored"));
  }

  /** The server does not know a report it has acknowledged (it was restored): it gets it again. */
  async sendAgain(item) {
    const failures = (this.delays.get(item.id)?.failures || 0) + 1;
    this.delays.set(item.id, { failures, until: this.clock() + pause(failures) });
    await this.outbox.step(item.id, "queued", (fresh) => {
      fresh.received = false;
    });
    return true;
  }

  async photoSettled(item, digest, state, problem = null) {
    await this.outbox.update(item.id, (fresh) => {
      const { photos } = fresh.content;
      const photo = photos.find(({ sha256: one }) => one === digest);
      Object.assign(photo, { state, problem });
      if (!photos.some((one) => one.state === "waiting")) fresh.state = "accepted";
    });
    return true;
  }
}
