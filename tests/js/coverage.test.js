// The coverage page without a browser: limits and bands, sums, differences, changes, charts.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Changes, changeWords } from "../../static/js/coverage/changes.js";
import { scaleOf, ticksOf } from "../../static/js/coverage/chart.js";
import { km2, ruleWords } from "../../static/js/coverage/grounds.js";
import { bandAt, bandOfValue, edgesOf, limitWords, rangeOf } from "../../static/js/coverage/limits.js";
import { siteLines } from "../../static/js/coverage/site_cards.js";
import { scoreWords } from "../../static/js/coverage/scores.js";
import { shownOf } from "../../static/js/coverage/standards_bar.js";
import { differenceOf, rollUp, shareOf, totalsOf } from "../../static/js/coverage/sums.js";

const grid = (code, households, uncovered, more = {}) => ({ code, label: code.slice(9), households, uncovered, ...more });
const ROWS = [
  grid("990101001001001", 100, 40, { people: 250, worst_seconds: 400, worst_metres: 3000, main_reason: "too_far" }),
  grid("990101001001002", 50, 0, { people: 120, worst_seconds: 100, worst_metres: null, main_reason: null }),
  grid("990101001002001", 80, 80, { people: 200, worst_seconds: null, worst_metres: null, main_reason: "cut_off" }),
  grid("990101002001001", 10, 5, { people: 20, worst_seconds: 310, worst_metres: 2600, main_reason: "too_far" }),
];

test("the slider has the standard's own limit among its steps, and never zero", () => {
  for (const [by, limit, slider] of [
    ["seconds", 300, null], ["seconds", 180, [60, 360]], ["metres", 500, null], ["metres", 5000, [1000, 10000]],
    ["metres", 20000, [10000, 20000]], ["seconds", 900, [0, 1800]], ["seconds", 47, null], ["metres", 333, [100, 999]],
  ]) {
    const { min, max, step } = rangeOf({ by, limit, slider });
    assert.ok(min > 0 && min <= limit && max >= limit, `${by} ${limit}: ${min} to ${max}`);
    assert.ok(Math.abs((limit - min) / step - Math.round((limit - min) / step)) < 1e-9, `${limit} from ${min} by ${step}`);
    assert.ok((max - min) / step >= 8, `${limit}: too few steps`);
  }
  assert.deepEqual(rangeOf({ by: "seconds", limit: 180, slider: [60, 360] }), { min: 60, max: 360, step: 15 });
});

test("bands have round edges that grow and end at the limit", () => {
  assert.deepEqual(edgesOf("seconds", 180), [60, 120, 180]);
  assert.deepEqual(edgesOf("seconds", 300), [120, 180, 300]);
  assert.deepEqual(edgesOf("metres", 500), [200, 300, 500]);
  for (const by of ["seconds", "metres"]) {
    for (const limit of [1, 7, 20, 45, 240, 777, 1000, 20000]) {
      const [one, two, three] = edgesOf(by, limit);
      assert.ok(one > 0 && one < two && two < three && three === limit, `${by} ${limit}: ${one} ${two} ${three}`);
    }
  }
});

test("a household is in the band of its figure; without a way it is in none", () => {
  const edges = [60, 120, 180];
  assert.deepEqual([0, 60, 61, 180, 181].map((value) => bandOfValue(value, edges)), [0, 0, 1, 2, 3]);
  assert.deepEqual([null, undefined, NaN, Infinity].map((value) => bandOfValue(value, edges)), [3, 3, 3, 3]);
});

test("at its own limit a run is believed, at another one the figure", () => {
  const own = { by: "metres", limit: 500, own: 500, edges: [200, 300, 500] };
  assert.equal(bandAt({ metres: 100, covered: false }, own), 3); // Near by, but full.
  assert.equal(bandAt({ metres: 500.4, covered: true }, own), 2); // Rounded on its way here.
  const other = { ...own, limit: 800, edges: edgesOf("metres", 800) };
  assert.equal(bandAt({ metres: 700, covered: false }, other), 2);
  assert.equal(bandAt({ metres: 900, covered: false }, other), 3);
  assert.equal(bandAt({ covered: false }, other), 3);
});

test("limits are said in minutes where they are whole", () => {
  assert.equal(limitWords("seconds", 180), "3 分钟");
  assert.equal(limitWords("seconds", 105), "1 分 45 秒");
  assert.equal(limitWords("metres", 5000), "5.0 公里");
});

test("rows add up by community and township, the worst ones first", () => {
  const communities = rollUp(ROWS, "community");
  assert.deepEqual(communities.map(({ code, uncovered, households, grids }) => [code, uncovered, households, grids]), [
    ["990101001002", 80, 80, 1], ["990101001001", 40, 150, 2], ["990101002001", 5, 10, 1],
  ]);
  assert.deepEqual([communities[1].worst_seconds, communities[1].people, communities[1].main_reason], [400, 370, "too_far"]);
  assert.equal(communities[0].worst_seconds, undefined); // Nobody there has a way: no figure is made up.
  const [first, second] = rollUp(ROWS, "township");
  assert.deepEqual([first.code, first.uncovered, first.main_reason], ["990101001", 120, "cut_off"]);
  assert.equal(second.uncovered, 5);
  assert.deepEqual(totalsOf(ROWS), { households: 240, uncovered: 125, with_gaps: 3, areas: 4 });
  assert.equal(shareOf(ROWS[0]), 0.6);
  assert.equal(shareOf({ households: 0, uncovered: 0 }), null);
  assert.deepEqual(rollUp([], "township"), []);
});

test("a row of a difference is lost, gained, both or neither", () => {
  assert.deepEqual([{ lost: 1, gained: 0 }, { lost: 0, gained: 4 }, { lost: 2, gained: 3 }, { lost: 0, gained: 0 }, null].map(differenceOf),
    ["lost", "gained", "both", null, null]);
});

test("changes are taken back one by one, and a facility has one of them", () => {
  const changes = new Changes();
  changes.close({ type: "LineString", coordinates: [[114.4, 30.5], [114.41, 30.5]] });
  changes.move(7, "望湖站", [114.4, 30.5], [114.41, 30.51]);
  changes.move(7, "望湖站", [114.41, 30.51], [114.42, 30.52]);
  changes.put([114.40000049, 30.5], 300);
  assert.deepEqual(changes.list.map(({ number, kind }) => [number, kind]), [[1, "closed"], [3, "moved"], [4, "added"]]);
  assert.deepEqual(changes.list[1].from, [114.4, 30.5]); // Where it really is.
  changes.off(7, "望湖站", [114.4, 30.5]);
  assert.deepEqual(changes.body(), {
    closed: [{ type: "LineString", coordinates: [[114.4, 30.5], [114.41, 30.5]] }],
    moved: [], added: [{ at: [114.4, 30.5], capacity: 300 }], off: [7],
  });
  assert.match(changeWords(changes.list[0]), /^画的路断了，9\d\d 米$/);
  assert.equal(changeWords(changes.list[2]), "望湖站停了");
  changes.undo(1);
  changes.undo(4);
  changes.undo(5);
  assert.ok(changes.empty);
});

test("an option gives its changes back, with the names facilities have now", () => {
  const kept = { closed: [{ type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] }], moved: [{ facility: 3, to: [114.4, 30.5] }], added: [], off: [9] };
  const changes = new Changes();
  changes.put([1, 1]);
  changes.load(kept, (id) => ({ name: `站 ${id}`, at: [114, 30] }));
  assert.deepEqual(changes.list.map(changeWords), ["一片路断了", "站 3挪到别处", "站 9停了"]);
  assert.deepEqual(changes.body(), kept);
});

test("standards without room are behind the list, never the chosen one", () => {
  const all = ["a", "b", "c", "d", "e", "f"];
  assert.deepEqual(shownOf(all, "a", 3), ["a", "b", "c"]);
  assert.deepEqual(shownOf(all, "e", 3), ["a", "b", "e"]);
  assert.deepEqual(shownOf(all.slice(0, 4), "a", 3), ["a", "b", "c", "d"]); // A list of one saves nothing.
  assert.deepEqual(shownOf(all, null, 3), ["a", "b", "c"]);
});

test("a chart shows round steps round its line, also for a line without change", () => {
  assert.deepEqual(scaleOf([0.5, 0.5]).from < 0.5 && scaleOf([0.5, 0.5]).to > 0.5, true);
  const { from, to, step } = scaleOf([0.549, 0.776]);
  assert.ok(from <= 0.549 && to >= 0.776 && (to - from) / step <= 6);
  assert.ok(scaleOf([1, 1]).to <= 1 && scaleOf([0, 0]).from >= 0);
  assert.deepEqual(ticksOf(3), [0, 1, 2]);
  assert.deepEqual(ticksOf(50, 3), [0, 25, 49]);
});

test("a card says of a site what is known of it, and that it is a sketch", () => {
  assert.deepEqual(siteLines({ near: "书院南巷" }, true), ["书院南巷附近 · 示意点，须实地看"]);
  assert.deepEqual(siteLines({ near: "书院南巷", metres_apart: 356 }, false), ["与首选相距 356 米"]);
  assert.deepEqual(siteLines({ near: null }, true), ["示意点，须实地看"]);
});

test("scores are said for a thousand people, small ones with their decimals", () => {
  const of = (mean, supply = "capacity", low = 3) => scoreWords({ mean, supply, low_people: low });
  assert.equal(of(1.2345), "每千人分到 1,235 个位置，不到一半的有 3 人");
  assert.equal(of(0.00034, "facilities", 0), "每千人分到 0.34 处，不到一半的有 0 人");
  assert.equal(of(0), "每千人分到 0 个位置，不到一半的有 3 人");
  assert.equal(of(null), null);
  assert.equal(scoreWords(undefined), null);
});

test("the ground of a facility is said beside its rule, or that there is none", () => {
  assert.deepEqual([0, 6.651, 12.345, null, undefined].map(km2), ["0.00", "6.65", "12.35", "–", "–"]);
  assert.equal(ruleWords({ over: true }), "超过");
  assert.equal(ruleWords({ over: false }), "没超过");
  assert.equal(ruleWords({ over: null }), "没有规定");
});
