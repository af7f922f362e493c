// Reloading: soon after a change, once for many, never before the last one has come back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Seldom } from "../../static/js/core/seldom.js";

function hand() {
  const held = { time: 0, timers: [] };
  const environment = {
    clock: () => held.time,
    later: (ms, run) => held.timers.push({ at: held.time + ms, run }),
  };
  held.until = async (time) => {
    for (;;) {
      const due = held.timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      held.timers.splice(held.timers.indexOf(due), 1);
      held.time = due.at;
      await due.run();
    }
    held.time = time;
  };
  return [held, environment];
}

test("changes without end are one run in two seconds, the first at once, none is lost", async () => {
  const [held, environment] = hand();
  const runs = [];
  const seldom = new Seldom(() => runs.push(held.time), 2000, environment);
  for (let time = 0; time <= 6900; time += 100) {
    await held.until(time);
    seldom.soon();
  }
  await held.until(20_000);
  assert.deepEqual(runs, [0, 2000, 4000, 6000, 8000]);
});

test("what a person asks for is done at once; a change after it waits its while", async () => {
  const [held, environment] = hand();
  const runs = [];
  const seldom = new Seldom((given) => runs.push([held.time, given]), 2000, environment);
  await seldom.now("page");
  await held.until(500);
  seldom.soon();
  await held.until(20_000);
  assert.deepEqual(runs, [[0, "page"], [2000, undefined]]);
});

test("a run that is on its way, or fails, is waited for", async () => {
  const [held, environment] = hand();
  let fail;
  let runs = 0;
  const seldom = new Seldom(() => {
    runs += 1;
    return runs === 1 ? new Promise((_done, no) => { fail = no; }) : null;
  }, 2000, environment);
  seldom.now().catch(() => {});
  seldom.soon();
  const waited = held.until(5000);
  await new Promise((done) => { setImmediate(done); });
  assert.equal(runs, 1);
  fail(new Error("no network"));
  await waited;
  assert.equal(runs, 2);
});
