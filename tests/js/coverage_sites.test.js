// Possible sites without a browser: their figures, whom two reach, the edge of the ground gained.
import assert from "node:assert/strict";
import { test } from "node:test";

import { outlineOf } from "../../static/js/coverage/outline.js";
import { sitesDifference } from "../../static/js/coverage/site_compare.js";
import { byGrid, figuresOf, shared } from "../../static/js/coverage/site_trials.js";
import { versionWords } from "../../static/js/coverage/words.js";

const answer = (grids, households, before = 30, after = 20) => ({
  before: { households: 100, uncovered: before, people_uncovered: 2 * before },
  after: { households: 100, uncovered: after, people_uncovered: 2 * after },
  grids: grids.map(([code, gained]) => ({ code, label: code.slice(9), gained, lost: 0 })),
  households: households.map((id) => [id, 114, 30, "gained"]),
  counts: { gained: households.length },
});
const ONE = answer([["990101001001001", 8], ["990101001001002", 2], ["990101001001003", 0]], [1, 2, 3]);
const OTHER = answer([["990101001001001", 3], ["990101001001003", 0], ["990101001001004", 5]], [3, 4]);

test("the figures of a site are what fewer are missed by", () => {
  const found = figuresOf(ONE);
  assert.deepEqual([found.households, found.people, found.share_before, found.share_after], [10, 20, 0.7, 0.8]);
  assert.equal(found.with_needs, undefined); // told only to those who may read needs
  assert.deepEqual(found.spots, [[114, 30], [114, 30], [114, 30]]);
});

test("two sites by grid: those that differ most first, none that neither helps", () => {
  assert.deepEqual(byGrid(ONE, OTHER).map(({ label, gains }) => [label, ...gains]),
    [["001001", 8, 3], ["001004", 0, 5], ["001002", 2, 0]]);
  assert.deepEqual(sitesDifference(ONE, OTHER).map(({ lost, gained, words }) => [lost, gained, words]),
    [[0, 5, "+8 / +3"], [5, 0, "0 / +5"], [0, 2, "+2 / 0"]]);
});

test("whom both reach is said only where all are known", () => {
  assert.deepEqual(shared(ONE, OTHER), { both: 1, first: 2, second: 1 });
  assert.equal(shared(ONE, { ...OTHER, counts: { gained: 9 } }), null);
});

const area = (ring) => ring.reduce((sum, [x, y], i) => {
  const [u, v] = ring[(i + 1) % ring.length];
  return sum + x * v - u * y;
}, 0) / 2;

test("the edge goes round every point once, and round what lies between none", () => {
  assert.deepEqual(outlineOf([], 10), []);
  const [round, ...none] = outlineOf([[100, 100]], 10);
  assert.equal(none.length, 0);
  assert.ok(area(round) > 200 && area(round) < 400, `${area(round)}`);
  for (const [x, y] of round) assert.ok(Math.hypot(x - 100, y - 100) < 16);
  // two apart, two together
  assert.equal(outlineOf([[0, 0], [100, 0]], 10).length, 2);
  assert.equal(outlineOf([[0, 0], [12, 0]], 10).length, 1);
  // a ring of points has an edge outside and one inside, told by their sign
  const circle = Array.from({ length: 40 }, (_each, i) => [60 * Math.cos(i * Math.PI / 20), 60 * Math.sin(i * Math.PI / 20)]);
  assert.deepEqual(outlineOf(circle, 10).map((ring) => Math.sign(area(ring))).sort(), [-1, 1]);
});

test("versions of data are words with their numbers", () => {
  assert.equal(versionWords("road.12 household_need.3 other.1"), "道路 12 · 要的帮助 3 · other 1");
  assert.equal(versionWords(null), "");
});
