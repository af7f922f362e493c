// What the desk says of lost cover.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../static/js/duty/closure_tool.js";
import { decisions } from "../../static/js/duty/decide.js";

test("who has lost cover stands before everything else that waits", () => {
  const cover = [{ words: "消防站 5 分钟：312 户到不了了", verb: "去看", cover: { run: 2, before: 1 } }];
  const plans = [{ state: "drafted", hazard_name: "水", stale: true, id: 1 }];
  const found = decisions({ incidents: [], plans, cover }, Date.now(), () => true);
  assert.equal(found.length, 2);
  assert.deepEqual(found[0], cover[0]);
  assert.equal(found[1].plan, 1);
});

test("a closure ends so many hours after now", () => {
  const now = new Date("2026-06-18T06:00:00Z");
  assert.equal(until("6", now), "2026-06-18T12:00:00.000Z");
  assert.equal(until("", now), null);
});
