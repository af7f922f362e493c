// The planner without a browser: lines, streets to snap to, problems, bars, steps, keys.
import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, daysOf } from "../../static/js/pages/as_of.js";
import { bandOf, deviationOf } from "../../static/js/planner/bands.js";
import { bars } from "../../static/js/planner/histogram.js";
import { asked } from "../../static/js/planner/keys.js";
import {
  added, boxOf, contains, crossing, crossings, global, lengthOf, local, metres, middleOf, middles, moved,
  nearestOn, removed, selfCrossing,
} from "../../static/js/planner/lines.js";
import { changesOf, figureWords, operationWords } from "../../static/js/planner/operations.js";
import { problemsOf, problemTitle, problemWords, topology } from "../../static/js/planner/problems.js";
import { classes, Colouring } from "../../static/js/planner/measures.js";
import { incidentsMoved } from "../../static/js/planner/moves.js";
import { changes, question, withNeeded } from "../../static/js/planner/proposal_words.js";
import { placeOf, refusal } from "../../static/js/planner/refusals.js";
import { changedKeys, Scenario, sides } from "../../static/js/planner/scenario.js";
import { Streets } from "../../static/js/planner/snapping.js";
import { dayOf, hindrance, nextStep, otherSteps, stepOf } from "../../static/js/planner/steps.js";

const HERE = [114.4, 30.5];
const at = (east, north) => global([east, north], HERE);
const near = (one, other, within = 0.01) => assert.ok(metres(one, other) < within, `${one} is not ${other}`);
const square = (x, y, side) => ({
  type: "Polygon", coordinates: [[at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side), at(x, y)]],
});

test("metres there and back, along a line, and half-way", () => {
  near(global(local([114.41, 30.52], HERE), HERE), [114.41, 30.52]);
  const line = [at(0, 0), at(300, 0), at(300, 100)];
  assert.ok(Math.abs(lengthOf(line) - 400) < 0.5);
  near(middleOf(line), at(200, 0), 0.5);
  near(middleOf([at(0, 0), at(0, 0)]), at(0, 0));
});

test("the nearest place of a line is on the right part", () => {
  const found = nearestOn([at(0, 0), at(100, 0), at(100, 100)], at(130, 60));
  assert.equal(found.index, 1);
  near(found.at, at(100, 60), 0.1);
  assert.ok(Math.abs(found.metres - 30) < 0.1);
});

test("vertices are moved, added and taken away; the ends stay", () => {
  const line = [[0, 0], [1, 0], [2, 0]];
  assert.deepEqual(moved(line, 1, [1, 5]), [[0, 0], [1, 5], [2, 0]]);
  assert.deepEqual(added(line, 0, [0.5, 1]), [[0, 0], [0.5, 1], [1, 0], [2, 0]]);
  assert.deepEqual(removed(line, 1), [[0, 0], [2, 0]]);
  assert.equal(removed(line, 0), line);
  assert.equal(removed(line, 2), line);
  assert.deepEqual(middles(line), [[0.5, 0], [1.5, 0]]);
  assert.deepEqual(line, [[0, 0], [1, 0], [2, 0]]);
});

test("a line that crosses itself is found, one that only bends is not", () => {
  assert.deepEqual(selfCrossing([[0, 0], [2, 0], [1, 1], [1, -1]]), [1, 0]);
  assert.equal(selfCrossing([[0, 0], [2, 0], [2, 2], [0, 2]]), null);
  assert.equal(selfCrossing([[0, 0], [1, 0]]), null);
  assert.equal(crossing([0, 0], [1, 0], [1, 0], [1, 1]), null);
});

test("a line splits a grid when it enters and leaves", () => {
  const grid = square(0, 0, 100);
  assert.equal(crossings(grid, [at(-10, 50), at(110, 52)]), 2);
  assert.equal(crossings(grid, [at(-10, 50), at(50, 50)]), 1);
  assert.equal(crossings(grid, [at(10, 50), at(50, 52)]), 0);
  assert.equal(contains(grid, at(50, 50)), true);
  assert.equal(contains({ type: "MultiPolygon", coordinates: [grid.coordinates] }, at(150, 50)), false);
  const box = boxOf(grid);
  near([box[0], box[1]], at(0, 0));
  near([box[2], box[3]], at(100, 100));
});

test("streets draw a corner before a side, and nothing from far away", () => {
  const streets = new Streets();
  assert.equal(streets.near(at(0, 0), 50), null);
  streets.setBlocks([{ geometry: square(0, 0, 500) }, { geometry: null }]);
  assert.equal(streets.size, 4);
  const corner = streets.near(at(6, 4), 10);
  assert.equal(corner.corner, true);
  near(corner.at, at(0, 0), 0.1);
  const side = streets.near(at(250, 7), 10);
  assert.equal(side.corner, false);
  near(side.at, at(250, 0), 0.1);
  assert.equal(streets.near(at(250, 30), 10), null);
});

const grid = (id, props = {}) => ({
  type: "Feature", id, geometry: square(0, 0, 10),
  properties: { key: id, label: id, community: "c", households: 400, label_point: HERE, contiguous: true, walkable: true, ...props },
});
const arc = (id, left, right, more = {}) => ({
  type: "Feature", id, geometry: { type: "LineString", coordinates: [at(0, 0), at(1, 1)] },
  properties: { left, right, movable: true, metres: 10, ...more },
});

function scenario() {
  const held = new Scenario();
  held.takeHead({ version: 3, minimum: 300, maximum: 500, can: ["edit"], operations: [] });
  held.takeGrids({ version: 3, features: [grid("001"), grid("002"), grid("n1")], faults: [] });
  held.takeArcs({ features: [arc("a", "001", "002"), arc("b", "002", "n1", { metres: 30 }), arc("c", "001", null)] });
  held.takeBlocks({ features: [{ id: 7, geometry: null, properties: { grid: "001", households: 9 } }] });
  return held;
}

test("an answer changes what it names and nothing else", () => {
  const held = scenario();
  let told = null;
  held.addEventListener("change", ({ detail }) => (told = detail));
  held.apply({
    version: 4, changed: { features: [grid("002", { households: 420 })] }, removed: ["n1"],
    arcs: { features: [arc("d", "001", "002")] }, removed_arcs: ["a", "b"],
    blocks: [{ id: 7, grid: "002" }, { id: 99, grid: "002" }], faults: [{ kind: "gap", grids: [] }],
    summary: { grids: 2 }, undo: 1, redo: 0,
  }, new Date(0));
  assert.deepEqual(told, ["002", "n1"]);
  assert.deepEqual([...held.grids.keys()], ["001", "002"]);
  assert.deepEqual([...held.arcs.keys()].sort(), ["c", "d"]);
  assert.equal(held.blocks.get("7").properties.grid, "002");
  assert.deepEqual([held.version, held.head.undo, held.head.summary.grids, held.faults.length], [4, 1, 2, 1]);
});

test("what differs after a reload is named: new, gone and other grids", () => {
  const held = scenario();
  assert.deepEqual(held.takeGrids({ features: [grid("001"), grid("002", { households: 1 }), grid("n2")] }).sort(), ["002", "n1", "n2"]);
  assert.deepEqual(changedKeys({ changed: { features: [{ id: 5 }] }, removed: [6] }), ["5", "6"]);
});

test("neighbours share a border; grids hang together through each other", () => {
  const held = scenario();
  assert.deepEqual(held.neighbours("002").sort(), ["001", "n1"]);
  assert.equal(held.together(["001", "n1"]), false);
  assert.equal(held.together(["001", "n1", "002"]), true);
  assert.deepEqual(held.arcsOf("002").map(({ id }) => id), ["b", "a"]);
  assert.deepEqual(sides(arc("x", null, "001")), ["001"]);
  assert.equal(held.can("edit"), true);
  assert.equal(held.can("publish"), false);
});

test("problems: faults of shape first, then sizes, ways and buildings, each with its number", () => {
  const held = scenario();
  const size = { minimum: 300, maximum: 500 };
  held.takeGrids({
    features: [grid("001"), grid("002"), grid("n1")],
    faults: [
      { kind: "building", grids: ["n1"], point: HERE, figures: { area_m2: 12.3 } },
      { kind: "not_walkable", grids: ["n1"], point: HERE },
      { kind: "undersize", grids: ["002"], point: HERE, figures: { households: 290, ...size, reason: "community_too_small", community_households: 290 } },
      { kind: "oversize", grids: ["001"], point: HERE, figures: { households: 505, ...size } },
      { kind: "gap", severity: "error", grids: [], area_m2: 12.2, geometry: square(0, 0, 4) },
    ],
  });
  const found = problemsOf(held);
  assert.deepEqual(found.map(({ kind, number }) => [kind, number]), [
    ["gap", 1], ["oversize", 2], ["undersize", 3], ["not_walkable", 4], ["building", 5]]);
  assert.equal(found[0].grave, true);
  near(found[0].point, at(2, 2), 0.5);
  assert.equal(problemTitle(found[1], held), "户数多于 500");
  assert.deepEqual(found.map((problem) => problemWords(problem, held)), [
    "范围里：12 平方米", "001：505 户，划出 5 户以上", "002：290 户；全社区才 290 户", "n1", "n1：12 平方米"]);
  assert.deepEqual(topology(held.faults), { gap: 1, overlap: 0, outside: 0 });
});

test("a size that no border can mend says why with its numbers", () => {
  const held = scenario();
  held.takeGrids({ features: [grid("001")], faults: [] });
  const said = (kind, figures) => problemWords({ kind, grids: ["001"], area: null, figures: { minimum: 300, maximum: 500, ...figures } }, held);
  assert.equal(said("oversize", { households: 520, reason: "no_count_fits", community_households: 520, fewest: 2, most: 1 }),
    "001：520 户；全社区 520 户：分 1 个就有多于 500 户的，分 2 个就有少于 300 户的");
  assert.equal(said("undersize", { households: 80, reason: "part_too_small", whole: 80 }), "001：80 户；连在一起的地方才 80 户");
  assert.equal(said("oversize", { households: 640, reason: "part_no_count_fits", whole: 560, fewest: 2, most: 1 }),
    "001：640 户；连在一起的地方 560 户：分 1 个就有多于 500 户的，分 2 个就有少于 300 户的");
  assert.equal(said("oversize", { households: 640, reason: "building_too_large", largest: 610 }), "001：640 户；一栋楼就有 610 户，边界不穿楼");
  assert.equal(said("oversize", { households: 640 }), "001：640 户，划出 140 户以上");
});

test("bars hold every grid once, over the whole rule", () => {
  const counts = [300, 319, 320, 500, 505, 402];
  const held = bars(counts, 300, 500);
  assert.equal(held.step, 20);
  assert.equal(held.bars.reduce((sum, { count }) => sum + count, 0), counts.length);
  assert.equal(held.bars[0].count, 2);
  assert.equal(held.bars.find(({ from }) => from === 500).count, 2);
  assert.ok(held.from <= 300 && held.to > 505);
  assert.ok(Math.abs(held.mean - 391) < 0.01);
  for (const list of [[], [0], [0, 4000], [65, 70]]) {
    const each = bars(list, 300, 500);
    assert.ok(each.bars.length <= 14 && each.bars.length > 0);
    assert.equal(each.bars.reduce((sum, { count }) => sum + count, 0), list.length);
  }
  assert.equal(bars([60], 50, 80).step, 5);
});

test("deviation and its band", () => {
  assert.equal(deviationOf(505, 300, 500).toFixed(4), "0.2625");
  assert.deepEqual([-0.2, -0.1, 0, 0.1, 0.2].map((share) => bandOf(share).name), ["div-l2", "div-l1", "div-0", "div-r1", "div-r2"]);
  assert.equal(bandOf(null), null);
  assert.equal(bandOf(NaN), null);
});

test("operations in words, with the figures before and after", () => {
  assert.equal(operationWords({ kind: "move_edge", grids: ["003", "004"] }), "移边 003│004");
  assert.equal(operationWords({ kind: "hand_over", grids: ["003", "004"] }), "划转街块 003│004");
  assert.equal(operationWords({ kind: "merge", grids: ["003", "004"] }), "合并 003、004");
  assert.equal(operationWords({ kind: "split", grids: ["009"] }), "拆开 009");
  assert.equal(operationWords({ kind: "something", grids: [] }), "something");
  const split = { kind: "split", keys: ["n1", "420107001001003"], grids: ["新 1", "003"], figures: { households: { "420107001001003": [428, 300], n1: [null, 128] } } };
  assert.deepEqual(changesOf(split)[1], { label: "新 1", before: null, after: 128 });
  assert.equal(figureWords(split), "003 428→300、新 1 –→128 户");
  assert.equal(figureWords({}), "");
});

test("the way of a scenario: what is next, who may, and who else can", () => {
  assert.deepEqual(["open", "validating", "valid", "approved", "published", "discarded"].map(stepOf), [1, 2, 3, 4, 5, 0]);
  assert.equal(nextStep("valid"), "approve");
  assert.equal(nextStep("published"), null);
  assert.deepEqual(otherSteps("valid", ["reopen", "discard", "approve"]), ["reopen", "discard"]);
  const person = { can: ["edit"], createdBy: "lin", me: "lin", permissions: ["grid.draw"] };
  assert.equal(hindrance("approve", person), "role");
  assert.equal(hindrance("approve", { ...person, permissions: ["grid.publish"] }), "own");
  assert.equal(hindrance("approve", { ...person, me: "wang", permissions: ["grid.publish"] }), "other");
  assert.equal(hindrance("approve", { ...person, can: ["approve"] }), null);
  const evening = new Date("2026-12-31T18:30:00Z");
  assert.deepEqual([dayOf(evening, "UTC"), dayOf(evening, "Asia/Shanghai")], ["2026-12-31", "2027-01-01"]);
});

test("incidents that will lie in another grid are counted", () => {
  const grids = new Map([["001", { geometry: square(0, 0, 100) }], ["n1", { geometry: square(100, 0, 100) }]]);
  const incident = (grid_, ...place) => ({ geometry: { type: "Point", coordinates: at(...place) }, properties: { grid: grid_ } });
  assert.equal(incidentsMoved([
    incident("001", 50, 50), incident("001", 150, 50), incident(null, 150, 50), incident("001", 900, 900), { geometry: null, properties: { grid: "001" } },
  ], grids), 1);
});

test("refusals are said in words, at the place that they name", () => {
  const problem = (status, message) => ({ status, message: "Bad input", detail: message, faults: [{ place: "line", message }] });
  const leaves = problem(400, "the line leaves the two grids near 114.400000, 30.500001");
  assert.equal(refusal(leaves), "线出了这两个网格");
  assert.deepEqual(placeOf(leaves), [114.4, 30.500001]);
  assert.deepEqual(placeOf({ ...leaves, more: { point: [1, 2] } }), [1, 2]);
  assert.equal(refusal(problem(400, "a day from 2026-11-22 to 2027-12-27 is needed")), "要选 2026-11-22 到 2027-12-27 之间的日子");
  assert.equal(refusal(problem(400, "something else")), "something else");
  assert.equal(placeOf(problem(400, "something else")), null);
  assert.equal(refusal({ status: 0, message: "unreachable" }), "没连上服务器。改动还在，连上再试");
});

test("keys: letters are tools, Ctrl with Z and Y undo and redo, nothing else is taken", () => {
  const press = (key, more = {}) => asked({ key, ...more });
  assert.deepEqual(press("v"), { tool: "move_edge" });
  assert.deepEqual(press("H", { shiftKey: true }), { tool: "hand_over" });
  assert.deepEqual(press("n"), { act: "next" });
  assert.deepEqual(press("z", { ctrlKey: true }), { act: "undo" });
  assert.deepEqual(press("Z", { ctrlKey: true, shiftKey: true }), { act: "redo" });
  assert.deepEqual(press("y", { metaKey: true }), { act: "redo" });
  assert.equal(press("s", { ctrlKey: true }), null);
  assert.equal(press("v", { altKey: true }), null);
  assert.equal(press("x"), null);
});

test("as of: the address of a day, and the days on which grids changed", () => {
  assert.equal(addressOf("/api/grids", null), "/api/grids");
  assert.equal(addressOf("/api/grids", "2026-06-01"), "/api/grids?as_of=2026-06-01");
  assert.equal(addressOf("/api/grids?area=420107", "2026-06-01"), "/api/grids?area=420107&as_of=2026-06-01");
  assert.deepEqual(daysOf({ items: [{ valid_from: "2026-01-02T00:00:00Z" }, { valid_from: "2026-06-01" }, "2026-06-01"] }), ["2026-06-01", "2026-01-02"]);
  assert.deepEqual(daysOf(null), []);
});

test("catching up leaves a page with what the server holds", () => {
  const held = new Scenario();
  const grid = (id, households) => ({ type: "Feature", id, geometry: square(0, 0, 10), properties: { label: id, households } });
  const arc = (id, left, right) => ({ type: "Feature", id, geometry: null, properties: { left, right } });
  held.head = { undo: 0 };
  held.takeGrids({ version: 3, features: [grid("a", 1), grid("b", 2), grid("c", 3)] });
  held.takeArcs({ features: [arc("ab", "a", "b"), arc("bc", "b", "c"), arc("co", "c", null)] });
  held.takeBlocks({ features: [{ id: "7", properties: { grid: "b", households: 2 } }] });
  const keys = held.catchUp({
    version: 6, since: 3, removed: ["b"], keys: ["a", "b"], changed: { features: [grid("a", 3)] },
    arcs: { features: [arc("ac", "a", "c")] }, blocks: [{ id: "7", grid: "a" }], faults: [], undo: 2,
    steps: [{ version: 5, keys: ["b"] }, { version: 6, keys: ["a", "b"] }],
  }, new Date(0));
  assert.deepEqual([...held.grids.keys()], ["a", "c"]);
  assert.equal(held.grid("a").properties.households, 3);
  assert.deepEqual([...held.arcs.keys()].sort(), ["ac", "co"]);
  assert.equal(held.blocks.get("7").properties.grid, "a");
  assert.deepEqual([held.version, held.head.undo, keys.sort().join()], [6, 2, "a,b"]);
});

test("figures that come later are taken for the version they belong to, and for no other", () => {
  const held = new Scenario();
  held.head = { summary: {} };
  held.takeGrids({ version: 3, features: [{ type: "Feature", id: "a", properties: { walk: { state: "pending" } } }] });
  const told = (version) => held.takeMeasures({
    version, items: [{ key: "a", walk: { state: "current", beyond: 4 } }], summary: { beyond: 4 }, faults: [],
  });
  assert.equal(told(2), false);
  assert.equal(held.grid("a").properties.walk.state, "pending");
  assert.equal(told(3), true);
  assert.equal(held.grid("a").properties.walk.beyond, 4);
});

test("classes hold every value once, and a grid without a figure is hatched", () => {
  for (const values of [[0, 1, 2, 3, 9], [0.07, 0.35, 0.74, 0.81, 1], [5, 5], [120, 4000, 87000], [0, 1]]) {
    const held = classes(values);
    assert.ok(held.length > 0 && held.length <= 6, `${held.length} classes of ${values}`);
    for (const value of values) {
      assert.equal(held.filter(({ from, to, last }) => value >= from && (value < to || (last && value <= to))).length, 1, `${value}`);
    }
  }
  assert.deepEqual(classes([null, undefined]), []);
  // every share up to all of it, and nothing beyond
  assert.deepEqual(classes([0.03, 0.4, 0.85, 1]).map(({ upTo }) => Number(upTo.toFixed(6))), [0.2, 0.4, 0.6, 0.8, 1]);
  const grids = [{ properties: { people: 10 } }, { properties: { people: null } }];
  const colouring = new Colouring("people", grids);
  assert.equal(colouring.colour(grids[1].properties), "hatch");
  assert.equal(colouring.legend(true).length, 2);
  assert.equal(new Colouring("deviation", []).colour({ deviation: 0.3 }), "divR2");
});

test("a step of a proposal brings those that it needs, and is left with those that need it", () => {
  const steps = [
    { n: 1, needs: [], state: "open" }, { n: 2, needs: [1], state: "open" }, { n: 3, needs: [2], state: "open" },
    { n: 4, needs: [5], state: "open" }, { n: 5, needs: [], state: "taken" },
  ];
  assert.deepEqual(withNeeded(steps, [3]), [1, 2, 3]);
  assert.deepEqual(withNeeded(steps, [4]), [4]);
  assert.deepEqual(withNeeded(steps, []), []);
});

test("a proposal is asked for about what is in hand, or not at all", () => {
  const subject = { grid: "990101001001001", community: "990101001001", other: "990101001002" };
  assert.deepEqual(question("resign", subject), { kind: "resign", grid: subject.grid });
  assert.equal(question("resign", { ...subject, grid: null }), null);
  assert.deepEqual(question("rebalance", { community: null }), { kind: "rebalance" });
  assert.deepEqual(question("merge_communities", subject).communities, ["990101001001", "990101001002"]);
  assert.equal(question("merge_communities", { ...subject, other: subject.community }), null);
  assert.deepEqual(changes({ households_moved: 12, bound: 12, proven: true, within: [9, 12] }),
    [["换网格的户", "12（最少）"], ["在范围内的格", "9 → 12"]]);
});
