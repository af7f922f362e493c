// The feed: nothing twice, nothing out of order, nothing lost over a cut; a stream or polls.
import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff, Feed, Sequence, stateOf } from "../../static/js/core/feed.js";

const change = (seq) => ({ seq, kind: "incident.reported", subject: "incident", id: String(seq) });

test("changes are taken once, in order, whatever order they come in", () => {
  const sequence = new Sequence(10);
  assert.deepEqual(sequence.take([change(13), change(11), change(12), change(11)]).map((c) => c.seq),
    [11, 12, 13]);
  assert.deepEqual(sequence.take([change(9), change(13)]), []);
  assert.equal(sequence.last, 13);
});

test("numbers that are none are not taken", () => {
  const sequence = new Sequence(0);
  assert.deepEqual(sequence.take([{ seq: "5" }, { seq: 1.5 }, {}, { seq: -1 }]), []);
  assert.equal(sequence.last, 0);
});

test("what the server has shown moves the number on, never back", () => {
  const sequence = new Sequence(10);
  assert.equal(sequence.reach(15), true);
  assert.equal(sequence.reach(12), false);
  assert.equal(sequence.last, 15);
});

test("states: one failure is no loss, two are, silence is stale", () => {
  assert.equal(stateOf({ seenAt: null, now: 0, attempt: 0 }), "connecting");
  assert.equal(stateOf({ seenAt: null, now: 0, attempt: 1 }), "offline");
  assert.equal(stateOf({ seenAt: 0, now: 20_000, attempt: 0 }), "live");
  assert.equal(stateOf({ seenAt: 0, now: 20_000, attempt: 1 }), "live");
  assert.equal(stateOf({ seenAt: 0, now: 26_000, attempt: 0 }), "stale");
  assert.equal(stateOf({ seenAt: 0, now: 1_000, attempt: 2 }), "offline");
});

test("waits grow and then stay", () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map(backoff);
  assert.deepEqual(waits, [...waits].sort((one, other) => one - other));
  assert.equal(waits[6], waits[5]);
});

/** A server, a clock and a stream that the test drives. */
class World {
  constructor({ streams = true } = {}) {
    this.time = 1_000_000;
    this.log = []; // All events of the server.
    this.up = true;
    this.asked = [];
    this.timers = [];
    this.streams = [];
    const world = this;
    this.env = {
      EventSource: streams ? class {
        constructor(url) {
          this.url = url;
          this.listeners = {};
          this.after = Number(new URL(url, "http://x").searchParams.get("after"));
          world.streams.push(this);
        }

        addEventListener(name, run) {
          this.listeners[name] = run;
        }

        close() {
          this.closed = true;
        }

        say(name, data) {
          if (!this.closed) this.listeners[name]({ data: JSON.stringify(data) });
        }

        fail() {
          if (!this.closed) this.listeners.error({});
        }
      } : undefined,
      get: async (url) => {
        world.asked.push(url);
        if (!world.up) throw Object.assign(new Error("down"), { status: 0 });
        const query = new URL(url, "http://x").searchParams;
        const last = world.log.length;
        const time = new Date(world.time).toISOString();
        if (!query.has("after")) return { events: [], last, server_time: time };
        const events = world.log.filter(({ seq }) => seq > Number(query.get("after")))
          .slice(0, Number(query.get("limit")));
        return { events, last: events.at(-1)?.seq ?? last, server_time: time };
      },
      now: () => world.time,
      later: (seconds, run) => {
        const timer = { at: world.time + seconds * 1000, run };
        world.timers.push(timer);
        return timer;
      },
      never: (timer) => {
        world.timers = world.timers.filter((other) => other !== timer);
      },
    };
    this.feed = new Feed("/api/live", this.env);
    this.heard = [];
    this.feed.addEventListener("change", ({ detail }) => this.heard.push(detail.seq));
  }

  happen(count = 1) {
    for (let i = 0; i < count; i++) this.log.push(change(this.log.length + 1));
  }

  async pass(seconds) {
    const end = this.time + seconds * 1000;
    for (;;) {
      await new Promise((resolve) => { setImmediate(resolve); });
      this.timers.sort((one, other) => one.at - other.at);
      const next = this.timers[0];
      if (!next || next.at > end) break;
      this.timers.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  get stream() {
    return this.streams.at(-1);
  }
}

test("a page begins at the server's number and streams from there", async () => {
  const world = new World();
  world.happen(7);
  let ready = 0;
  world.feed.addEventListener("ready", () => { ready += 1; });
  world.feed.start();
  await world.pass(5);
  assert.equal(ready, 1);
  assert.equal(world.stream.after, 7);
  world.stream.say("change", change(8));
  world.stream.say("change", change(8));
  world.stream.say("change", change(9));
  assert.deepEqual(world.heard, [8, 9]);
  assert.equal(world.feed.state, "live");
});

test("a broken stream is followed by a poll that brings what was missed", async () => {
  const world = new World();
  world.feed.start();
  await world.pass(5);
  world.stream.say("seen", { seq: 0, server_time: new Date(world.time).toISOString() });
  world.happen(3);
  world.stream.fail();
  await world.pass(1);
  assert.deepEqual(world.heard, [1, 2, 3]);
  assert.equal(world.feed.mode, "poll");
  await world.pass(40);
  assert.equal(world.feed.mode, "stream");
  assert.equal(world.stream.after, 3);
});

test("a long cut loses nothing, however much happened meanwhile", async () => {
  const world = new World();
  world.feed.start();
  await world.pass(5);
  let resumed = 0;
  world.feed.addEventListener("resumed", () => { resumed += 1; });
  world.up = false;
  world.stream.fail();
  await world.pass(120);
  assert.equal(world.feed.state, "offline");
  world.happen(1203); // More than two pages of a poll.
  world.up = true;
  await world.pass(20);
  assert.equal(world.feed.state, "live");
  assert.equal(resumed, 1);
  assert.deepEqual(world.heard, Array.from({ length: 1203 }, (_, i) => i + 1));
});

test("a silent stream is taken for dead and polled", async () => {
  const world = new World();
  world.feed.start();
  await world.pass(5);
  const { stream } = world;
  world.happen(2);
  await world.pass(40);
  assert.equal(stream.closed, true);
  assert.deepEqual(world.heard, [1, 2]);
});

test("without streams polls carry on, and ask after the last number", async () => {
  const world = new World({ streams: false });
  world.feed.start();
  await world.pass(10);
  world.happen(2);
  await world.pass(10);
  assert.deepEqual(world.heard, [1, 2]);
  assert.ok(world.asked.at(-1).includes("after=2"));
});

test("two checks at once do not make two loops", async () => {
  const world = new World({ streams: false });
  world.feed.start();
  await world.pass(5);
  world.feed.check();
  world.feed.check();
  world.asked.length = 0;
  await world.pass(40);
  assert.ok(world.asked.length <= 12, `${world.asked.length} polls in 40 s`);
});

test("the server's clock counts, not the device's", async () => {
  const world = new World({ streams: false });
  const get = world.env.get;
  world.env.get = async (url) => ({
    ...await get(url), server_time: new Date(world.time + 90_000).toISOString(),
  });
  world.feed.start();
  await world.pass(5);
  assert.equal(world.feed.serverNow() - world.time, 90_000);
});
