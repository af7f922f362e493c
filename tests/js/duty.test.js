// The desk: what is urgent, what may be done, what sounds, what the log says, decided by pure functions.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sounding } from "../../static/js/duty/alarms.js";
import { marked } from "../../static/js/core/drill.js";
import { decisions } from "../../static/js/duty/decide.js";
import { due, inOrder, shortNumber } from "../../static/js/duty/due.js";
import { ringsOf } from "../../static/js/duty/hazard_blocked.js";
import { circleRing, ringOf } from "../../static/js/duty/hazard_draw.js";
import { Waiting } from "../../static/js/duty/hazard_waiting.js";
import { me } from "../../static/js/core/page.js";
import { area } from "../../static/js/duty/hazard_form.js";
import { bearingOf } from "../../static/js/duty/slide_arrow.js";
import { pairs } from "../../static/js/imports/raster.js";
import { boundsOf } from "../../static/js/imports/hazards_preview.js";
import { sensorWords } from "../../static/js/map/layers/sensors.js";
import { axis, runs } from "../../static/js/pages/emergency_rules_chart.js";
import { Incidents } from "../../static/js/duty/incidents.js";
import { lineWords } from "../../static/js/duty/log.js";
import { handoverDraft } from "../../static/js/duty/shift.js";
import { TONES } from "../../static/js/duty/sound.js";
import { newestPosition } from "../../static/js/duty/stamps.js";
import { metresBetween, rankTeams } from "../../static/js/duty/step_form.js";
import { currentPlan } from "../../static/js/pages/plan_panel.js";
import { bodyOf, newId } from "../../static/js/duty/phone_form.js";
import { changes, isNext, ordered, stepWords } from "../../static/js/duty/steps.js";

const NOW = new Date("2026-06-19T14:32:00Z");
const at = (minutes) => new Date(NOW.getTime() + minutes * 60000).toISOString();
const incident = (number, more = {}) => ({ properties: {
  id: `i${number}`, number, level: 2, state: "verified", title: `T${number}`,
  reported_at: at(-60), state_changed_at: at(-30), due_at: at(30), actions: [], ...more,
} });

test("time left counts on, and says late from the first second after", () => {
  assert.deepEqual(due({ due_at: at(10), reported_at: at(-30), state_changed_at: at(-10) }, NOW), { left: 600, late: false, share: 0.5 });
  assert.equal(due({ due_at: NOW.toISOString(), reported_at: at(-1) }, NOW).late, false);
  assert.deepEqual(due({ due_at: at(-2), reported_at: at(-60) }, NOW), { left: -120, late: true, share: 1 });
  assert.equal(due({ due_at: null, reported_at: at(-60) }, NOW), null);
});

test("the most urgent level comes first, in it the late ones, without a level last", () => {
  const list = [
    incident(1, { level: null, due_at: at(-9) }), incident(2), incident(3, { due_at: at(-1) }),
    incident(4, { level: 1 }), incident(5, { level: 4, due_at: at(-5) }),
  ];
  assert.deepEqual(inOrder(list, NOW).map(({ properties }) => properties.number), [4, 3, 2, 5, 1]);
});

test("three digits fit into a shape, whatever the number has grown to", () => {
  assert.deepEqual([7, 12, 999, 1007, 120345, null].map(shortNumber), ["7", "12", "999", "007", "345", ""]);
});

test("the next step of a state comes first; what the server does not allow is not there", () => {
  assert.deepEqual(ordered(["merge", "dismiss", "verify"], "reported"), ["verify", "dismiss", "merge"]);
  assert.deepEqual(ordered(["close", "reopen"], "resolved"), ["close", "reopen"]);
  assert.deepEqual(ordered(["object", "start"], "assigned"), ["start", "object"]);
  assert.deepEqual(ordered([], "assigned"), []);
  assert.deepEqual(ordered(["evaluate"], "closed"), []);
  assert.equal(isNext("close", "resolved"), true);
  for (const state of ["closed", "dismissed", "merged"]) assert.equal(isNext("reopen", state), false);
  assert.equal(stepWords("assign", "verified"), "派单");
  assert.equal(stepWords("assign", "handling"), "改派");
});

test("what has changed between two looks is said, and nothing else", () => {
  const before = { state: "reported", level: 3, assignee: null };
  assert.deepEqual(changes(before, { ...before }), []);
  const found = changes(before, { state: "assigned", level: 1, assignee: { id: 4, name: "甲" } });
  assert.deepEqual(found, ["状态 已上报 → 已派单", "队伍 无 → 甲", "级别 黄 → 红"]);
});

test("free teams come first, then the nearest; who is off duty is not offered", () => {
  const team = (id, lon, more = {}) => ({
    properties: { id, name: `队${id}`, on_duty: true, ...more }, geometry: { coordinates: [lon, 30.5] },
  });
  const teams = [team(1, 114.41), team(2, 114.4001), team(3, 114.4), team(4, 114.4, { on_duty: false })];
  const ranked = rankTeams(teams, [114.4, 30.5], new Map([["3", { number: 8 }]]));
  assert.deepEqual(ranked.map(({ id }) => id), [2, 1, 3]);
  assert.equal(ranked[2].incident.number, 8);
  assert.ok(Math.abs(metresBetween([114.4, 30.5], [114.41, 30.5]) - 958) < 3);
});

test("red sounds until it is taken, orange once, one's own and taken ones never", () => {
  const alarms = [
    { seq: 1, level: 1, active: true }, { seq: 2, level: 2, active: true },
    { seq: 3, level: 1, active: false }, { seq: 4, level: 1, active: true, mine: true },
  ];
  const heard = sounding(alarms, new Set());
  assert.deepEqual([heard.red.map(({ seq }) => seq), heard.orange.map(({ seq }) => seq)], [[1], [2]]);
  const again = sounding(alarms, new Set([1, 2]));
  assert.deepEqual([again.red.length, again.orange.length], [1, 0]);
});

test("tones are those of the house: three rising, two alike, one low, a falling pair", () => {
  const hertz = (name) => TONES[name].map(([first]) => first);
  assert.deepEqual(hertz("red"), [...hertz("red")].sort((one, other) => one - other));
  assert.equal(new Set(hertz("red")).size, 3);
  assert.equal(new Set(hertz("orange")).size, 1);
  assert.equal(TONES.orange.length, 2);
  assert.ok(hertz("late").length === 1 && hertz("late")[0] < 300);
  assert.ok(hertz("cut")[0] > hertz("cut")[1]);
});

test("the log speaks in words, free entries as they were written", () => {
  assert.equal(lineWords({ kind: "duty.logged", text: "<b>x</b>" }), "<b>x</b>");
  assert.equal(lineWords({ kind: "incident.assigned", number: 7, title: "井盖", assignee: "甲队" }), "派单 · 甲队 · 事件 7：井盖");
  assert.equal(lineWords({ kind: "hazard.declared", hazard_name: "湖", exercise: true }), "演练 · 宣布险情 · 湖");
  assert.equal(lineWords({ kind: "alarm.taken", number: 7, title: "井盖" }), "接警 · 事件 7：井盖");
  assert.equal(lineWords({ kind: "something.new" }), "something.new");
});

test("a handover names what is open, who has it and what nobody has taken", () => {
  const words = handoverDraft({
    incidents: [incident(1, { assignee: { name: "甲队" }, state: "handling" }), incident(2, { level: 1, state: "reported" })],
    hazards: [{ properties: { name: "湖", plan_state: "approved" } }, { properties: { name: "坡", exercise: true } }],
    unheard: new Set(["i2"]),
  }, NOW).split("\n");
  assert.deepEqual(words, [
    "未结事件 2 件", "- 2 T2，红，已上报，未接警", "- 1 T1，橙，处置中，甲队",
    "险情 2 处", "- 湖，预案已批准", "- 演练，坡，还没有预案",
  ]);
});

test("a decision is asked for where nobody answers, objects, or data has moved on", () => {
  const incidents = [
    incident(1, { state: "assigned", due_at: at(-1), state_changed_at: at(-6), assignee: { name: "甲队" }, actions: ["assign"] }),
    incident(2, { state: "assigned", due_at: at(9), actions: ["assign"] }),
    incident(3, { state: "objected", assignee: { name: "乙队" }, actions: ["assign", "dismiss"] }),
    incident(4, { state: "objected", actions: [] }),
  ];
  const plans = [{ id: 5, state: "approved", stale: true, hazard_name: "湖" }, { id: 6, state: "drafted", stale: false },
    { id: 7, state: "drafted", exercise: true, hazard_name: "坡" }];
  const found = decisions({ incidents, plans }, NOW, (name) => name === "plan.approve");
  assert.deepEqual(found.map(({ words }) => words), [
    "事件 1：甲队 6 分钟未应答", "事件 3：乙队 有异议", "预案 湖：数据已变，要重算", "预案 6 等您批准",
    "预案 演练：坡 等您批准",
  ]);
  assert.equal(decisions({ incidents: [], plans }, NOW, () => false).length, 0);
  assert.equal(decisions({ incidents: [], plans }, NOW, (name) => name === "plan.draft").length, 1);
  // a plan whose hazard is lifted waits for nobody
  const lifted = plans.map((plan) => ({ ...plan, hazard_state: "lifted" }));
  assert.equal(decisions({ incidents: [], plans: lifted }, NOW, () => true).length, 0);
});

test("a circle becomes a closed polygon of its radius, a line of two points no polygon", () => {
  const ring = circleRing([114.4, 30.5], 200);
  assert.deepEqual(ring[0], ring.at(-1));
  assert.equal(ring.length, 49);
  for (const place of ring) assert.ok(Math.abs(metresBetween([114.4, 30.5], place) - 200) < 1);
  assert.equal(ringOf([{ lat: 1, lng: 2 }, { lat: 2, lng: 3 }]), null);
  assert.deepEqual(ringOf([{ lat: 1, lng: 2 }, { lat: 2, lng: 3 }, { lat: 1, lng: 3 }]).at(-1), [2, 1]);
});

test("areas are read in the unit that fits, positions by the newest", () => {
  assert.equal(area(95432), "95,432 平方米");
  assert.equal(area(1234567), "1.23 平方公里");
  assert.equal(newestPosition([{ properties: { seen_at: at(-9) } }, { properties: { seen_at: at(-2) } }, { properties: {} }]), at(-2));
  assert.equal(newestPosition([]), null);
});

test("the list keeps one place for each incident, and drops what is closed or gone", () => {
  const held = new Incidents("/x");
  held.put("i1", incident(1));
  held.put("i1", incident(1, { title: "new" }));
  held.put("i2", incident(2));
  assert.deepEqual(held.features.map(({ properties }) => properties.title), ["new", "T2"]);
  held.put("i2", incident(2, { state: "closed" }));
  held.put("i1", null);
  assert.deepEqual(held.features, []);
});

test("a report taken down at the desk is that of any tablet, under an id of its own", () => {
  assert.equal(newId((bytes) => bytes.fill(255)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.equal(newId((bytes) => bytes), "00000000-0000-4000-8000-000000000000");
  assert.notEqual(newId(), newId());
  const values = { id: "x", kind: "power", level: 2, title: "  ", note: " ", place: [114.4, 30.5], placedBy: "finger" };
  assert.deepEqual(bodyOf(values), {
    id: "x", category: "power", title: "停电用电", level: 2, placed_by: "finger",
    geometry: { type: "Point", coordinates: [114.4, 30.5] },
  });
  const dispute = bodyOf({ ...values, kind: "dispute", title: " 吵架 ", note: "三楼" });
  assert.deepEqual([dispute.level, dispute.title, dispute.note], [null, "吵架", "三楼"]);
});

test("an exercise is told as one, and once", () => {
  assert.equal(marked("东湖漫水", true), "演练 · 东湖漫水");
  assert.equal(marked("演练：东湖漫水", true), "演练：东湖漫水");
  assert.equal(marked("Drill at the lake", true), "Drill at the lake");
  assert.equal(marked("东湖漫水", false), "东湖漫水");
  assert.equal(marked("", true), "演练");
});

test("the slide's arrow is a bearing: north 0, east 90, of true angles", () => {
  assert.equal(bearingOf([114.4, 30.5], [114.4, 30.6]), 0);
  assert.equal(bearingOf([114.4, 30.5], [114.5, 30.5]), 90);
  assert.equal(bearingOf([114.4, 30.5], [114.4, 30.4]), 180);
  assert.equal(bearingOf([114.4, 30.5], [114.3, 30.5]), 270);
  const squeezed = 0.01 / Math.cos((30.505 * Math.PI) / 180);
  assert.equal(bearingOf([114.4, 30.5], [114.4 + squeezed, 30.51]), 45);
});

test("what is said of a raster goes as pairs of value and level", () => {
  assert.equal(pairs({ blue: "0.15", yellow: "", orange: " 0.6 ", red: "1.2" }, false), "0.15=blue,0.6=orange,1.2=red");
  assert.equal(pairs({ orange: "3、4", red: "5 6" }, true), "3=orange,4=orange,5=red,6=red");
});

test("the bounds of several polygons hold them all", () => {
  const ring = [[1, 2], [3, 2], [3, 5], [1, 2]];
  const other = { type: "MultiPolygon", coordinates: [[[[0, 1], [2, 1], [2, 4], [0, 1]]]] };
  assert.deepEqual(boundsOf([{ type: "Polygon", coordinates: [ring] }, other]), [0, 1, 3, 5]);
});

test("a sensor says its value and age, and silence for how long", () => {
  const now = new Date("2026-06-19T06:00:00Z");
  const p = { last_value: 20.5, unit: "m", last_at: "2026-06-19T05:48:00Z", stale: false };
  assert.equal(sensorWords(p, now), "20.5 m · 12 分钟前");
  assert.equal(sensorWords({ ...p, stale: true, last_at: "2026-06-19T03:00:00Z" }, now), "3 小时 0 分没有数据");
  assert.equal(sensorWords({ ...p, last_at: null }, now), "还没有数据");
});

test("the line of a day is broken where a sensor was silent, and its axis has round steps", () => {
  const at = (minute) => ({ at: `2026-06-19T0${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}:00Z`, value: 1 });
  assert.deepEqual(runs([at(0), at(10), at(90), at(100)], 30 * 60000).map((run) => run.length), [2, 2]);
  assert.deepEqual(axis([19.6, 21.2]), { from: 19.5, to: 21.5, step: 0.5 });
  const flat = axis([0, 0]);
  assert.ok(flat.to > flat.from && flat.step > 0);
});

test("a drill's silent sensor is marked as one, a real one is not", () => {
  const waiting = new Waiting({ feed: { addEventListener() {} }, changed() {}, begin() {}, choose() {} });
  const silent = (id, exercise) => ({ id, exercise, name: `W${id}`, stale: true, last_at: at(-90) });
  waiting.sensors = [silent(1, true), silent(2, false), { ...silent(3, true), last_at: null }];
  const before = me.permissions;
  me.permissions = ["hazard.declare"];
  const words = waiting.decisions([], NOW).map((one) => one.words);
  me.permissions = before;
  assert.deepEqual(words.map((said) => said.startsWith("演练 · ")), [true, false, true]);
});

test("ground nobody can pass keeps its holes", () => {
  const ring = (...points) => points.map(([lng, lat]) => ({ lat, lng }));
  const outer = ring([0, 0], [4, 0], [4, 4]);
  const hole = ring([2, 1], [3, 1], [3, 2]);
  const [border, inner] = ringsOf([outer, hole]);
  assert.deepEqual(border, [[0, 0], [4, 0], [4, 4], [0, 0]]);
  assert.deepEqual(inner, [[2, 1], [3, 1], [3, 2], [2, 1]]);
  assert.deepEqual(ringsOf([ring([0, 0])]), []);
  assert.deepEqual(ringsOf([]), []);
});

test("beside the map stands the plan in force, a real one before an exercise's, none of what is over", () => {
  const plan = (id, state, more = {}) => ({ id, state, hazard_state: "declared", hazard_severity: "orange", exercise: false, created_at: at(id), ...more });
  const real = plan(1, "drafted", { hazard_severity: "yellow" });
  const drill = plan(2, "drafted", { exercise: true, hazard_severity: "red" });
  assert.equal(currentPlan([drill, real]).id, 1);
  assert.equal(currentPlan([real, plan(3, "active", { exercise: true })]).id, 3);
  assert.equal(currentPlan([plan(4, "drafted", { hazard_state: "lifted" }), plan(5, "closed")]), null);
  assert.equal(currentPlan([plan(6, "active", { hazard_state: "lifted" }), real]).id, 6);
});
