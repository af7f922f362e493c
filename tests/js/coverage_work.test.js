// Waiting for a job without a browser: what nobody waits for any more is stopped.
import assert from "node:assert/strict";
import { test } from "node:test";

import { resultOf } from "../../static/js/coverage/work.js";

/** A server whose job is in these states, look after look; the last one lasts. */
function serve(states, { cancel = 200 } = {}) {
  const asked = [];
  globalThis.fetch = async (url, { method = "GET" } = {}) => {
    asked.push(`${method} ${url}`);
    if (url.endsWith("/cancel")) return new Response("{}", { status: cancel });
    const state = states.length > 1 ? states.shift() : states[0];
    return new Response(JSON.stringify({ id: 7, state, result: { found: 1 } }), { status: 200 });
  };
  return asked;
}

test("a job that is waited for gives its result and is left alone", async () => {
  const asked = serve(["queued", "running", "done"]);
  assert.deepEqual(await resultOf(7), { found: 1 });
  assert.deepEqual(asked, ["GET /api/jobs/7", "GET /api/jobs/7", "GET /api/jobs/7"]);
});

test("a job nobody waits for any more is stopped", async () => {
  const asked = serve(["running"]);
  let looks = 0;
  assert.equal(await resultOf(7, { still: () => (looks += 1) < 3 }), null);
  assert.equal(asked.at(-1), "POST /api/jobs/7/cancel");
  assert.equal(asked.filter((one) => one.startsWith("POST")).length, 1);
});

test("what is left before it has begun is stopped without a look, and may have ended", async () => {
  const asked = serve(["running"], { cancel: 409 });
  assert.equal(await resultOf(7, { still: () => false }), null);
  assert.deepEqual(asked, ["POST /api/jobs/7/cancel"]);
});
