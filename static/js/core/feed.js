// The live feed: a stream of changes, resumed after the last number seen, polled when there is
// no stream. Numbers only grow; what is at or below the last one has been seen already.

const BACKOFF = [1, 2, 4, 8, 15]; // Seconds before the next try.
const SILENCE = 25; // Seconds without a word after which a stream is taken for dead.
const POLL = 4; // Seconds between polls.
const STREAM_AFTER = 3; // Seconds a page stays before it takes one of a person's few streams.
const STREAM_AGAIN = 20; // Seconds after which a refused stream is asked for again.

/** An event with what it is about; Node 18 has no CustomEvent for the tests. */
class Told extends Event {
  constructor(name, detail) {
    super(name);
    this.detail = detail;
  }
}

/** Remembers the last number and says which changes are new. */
export class Sequence {
  constructor(last = 0) {
    this.last = last;
  }

  /** Take changes in any order: the new ones, by number, each once. */
  take(changes) {
    const fresh = new Map();
    for (const change of changes) {
      if (Number.isSafeInteger(change.seq) && change.seq > this.last) fresh.set(change.seq, change);
    }
    const ordered = [...fresh.values()].sort((one, other) => one.seq - other.seq);
    if (ordered.length) this.last = ordered[ordered.length - 1].seq;
    return ordered;
  }

  /** The server has shown everything up to this number; true when that is further than before. */
  reach(seq) {
    if (!Number.isSafeInteger(seq) || seq <= this.last) return false;
    this.last = seq;
    return true;
  }
}

/** Seconds to wait before the given try (0 is the first after a loss). */
export function backoff(attempt) {
  return BACKOFF[Math.min(attempt, BACKOFF.length - 1)];
}

/**
 * live: heard from within `SILENCE`; stale: the last word is older; offline: the server cannot be
 * reached. `attempt` counts failures in a row.
 */
export function stateOf({ seenAt, now, attempt }) {
  if (attempt >= 2) return "offline";
  if (seenAt === null) return attempt ? "offline" : "connecting";
  return now - seenAt > SILENCE * 1000 ? "stale" : "live";
}

/**
 * The feed of one page. `environment` carries what a test replaces: `EventSource`, `get` (JSON of
 * an address), `now`, `later` (run after seconds, gives a handle), `never` (drop a handle).
 * Events: "change" (detail: change), "ready" (numbers start here), "resumed" (detail: true when
 * data may have moved on without us) and "state".
 */
export class Feed extends EventTarget {
  constructor(url, environment) {
    super();
    this.url = url;
    this.env = environment;
    this.sequence = null;
    this.attempt = 0;
    this.seenAt = null; // Device time of the last word.
    this.serverSeen = null; // Server time of the last word.
    this.offset = 0; // Server clock minus device clock, milliseconds.
    this.mode = "none";
    this.lastState = "connecting";
    this.source = null;
    this.timer = null;
    this.round = 0;
    this.streamRefusedAt = null;
  }

  get state() {
    return stateOf({ seenAt: this.seenAt, now: this.env.now(), attempt: this.attempt });
  }

  /** The server's clock as far as this device knows it. */
  serverNow() {
    return new Date(this.env.now() + this.offset);
  }

  start() {
    this.begin();
    this.watch();
  }

  stop() {
    this.close();
    this.env.never(this.watcher);
    this.stopped = true;
  }

  async begin() {
    if (this.stopped) return;
    try {
      if (!this.sequence) {
        const start = await this.env.get(this.url);
        this.sequence = new Sequence(start.last);
        this.heard(start.server_time);
        this.emit("ready");
        // Who only passes through polls: a stream that is left holds its seat for some seconds.
        this.timer = this.env.later(STREAM_AFTER, () => this.open());
        return;
      }
      this.open();
    } catch (error) {
      this.lost(error);
    }
  }

  open() {
    const refused = this.streamRefusedAt !== null &&
      this.env.now() - this.streamRefusedAt < STREAM_AGAIN * 1000;
    if (!this.env.EventSource || refused) {
      this.poll();
      return;
    }
    this.mode = "stream";
    this.round += 1;
    const source = new this.env.EventSource(`${this.url}/stream?after=${this.sequence.last}`);
    this.source = source;
    source.addEventListener("change", (event) => this.receive([JSON.parse(event.data)]));
    source.addEventListener("seen", (event) => {
      const seen = JSON.parse(event.data);
      this.heard(seen.server_time);
      this.sequence.reach(seen.seq);
    });
    source.addEventListener("error", () => {
      // The browser would try again by itself, also where a poll is wanted: we decide.
      if (source !== this.source) return;
      this.close();
      this.streamRefusedAt = this.env.now();
      this.poll();
    });
  }

  /** Let go of stream and timer. */
  close() {
    this.source?.close();
    this.source = null;
    this.env.never(this.timer);
    this.timer = null;
  }

  /** Look at once whether the server is there: the device has just lost or found its network. */
  check() {
    if (!this.sequence) return;
    this.close();
    this.poll();
  }

  async poll() {
    if (this.stopped) return;
    this.mode = "poll";
    const round = ++this.round; // A later poll or stream takes over: this one then falls silent.
    try {
      let more = true;
      while (more) {
        const before = this.sequence.last;
        const answer = await this.env.get(`${this.url}?after=${before}&limit=500`);
        if (round !== this.round) return;
        this.receive(answer.events);
        this.sequence.reach(answer.last);
        this.heard(answer.server_time);
        more = answer.events.length >= 500 && this.sequence.last > before;
      }
      const again = this.env.now() - this.streamRefusedAt >= STREAM_AGAIN * 1000;
      this.timer = this.env.later(POLL, () => (again ? this.open() : this.poll()));
    } catch (error) {
      if (round === this.round) this.lost(error);
    }
  }

  lost(error) {
    if (error?.status === 401) this.emit("signedout");
    this.close();
    this.attempt += 1;
    this.tellState();
    this.timer = this.env.later(backoff(this.attempt - 1), () =>
      (this.sequence ? this.poll() : this.begin()));
  }

  receive(changes) {
    for (const change of this.sequence.take(changes || [])) {
      this.heard(null);
      this.emit("change", change);
    }
  }

  heard(serverTime) {
    const recovered = this.attempt > 0;
    this.attempt = 0;
    this.seenAt = this.env.now();
    if (recovered) this.streamRefusedAt = null; // Back again: a stream may be had again.
    const server = serverTime ? Date.parse(serverTime) : NaN;
    if (Number.isFinite(server)) {
      this.offset = server - this.env.now();
      this.serverSeen = new Date(server);
    } else {
      this.serverSeen = this.serverNow();
    }
    if (recovered) this.emit("resumed");
    this.tellState();
  }

  /** Every second: a stream that has gone silent is dropped and asked for again. */
  watch() {
    if (this.state === "stale" && this.mode === "stream") {
      this.close();
      this.poll();
    }
    this.tellState();
    this.watcher = this.env.later(1, () => this.watch());
  }

  tellState() {
    const { state } = this;
    if (state === this.lastState) return;
    this.lastState = state;
    this.emit("state", state);
  }

  emit(name, detail) {
    this.dispatchEvent(new Told(name, detail));
  }
}

/** The real surroundings of a feed. */
export function browserEnvironment(get) {
  return {
    EventSource: window.EventSource,
    get,
    now: () => Date.now(),
    later: (seconds, run) => setTimeout(run, seconds * 1000),
    never: (handle) => clearTimeout(handle),
  };
}
