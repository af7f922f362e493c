// The roll-call: the tablet comes to the same standing as the server, with or without a network.
import assert from "node:assert/strict";
import test from "node:test";
import { heard, inOrder } from "../../static/js/board/grids.js";
import { why } from "../../static/js/messages/words.js";
import { countWords, rest } from "../../static/js/board/rest.js";
import { waiting } from "../../static/js/board/missing.js";
import { goesWords, meetWords, MOST_ROWS, noted, rowsOf, shownFirst, STEP } from "../../static/js/field/calls.js";
import { codeOf } from "../../static/js/field/door.js";
import { sumsOf } from "../../static/js/roll_call/bars.js";
import { fold, standing } from "../../static/js/roll_call/fold.js";
import { bare, dots, moves, said, stateWords, tally } from "../../static/js/roll_call/moves.js";

const at = (minute) => new Date(Date.UTC(2026, 5, 19, 14, minute)).toISOString();
const step = (kind, minute, more = {}) => ({ id: `${kind}-${minute}`, seq: 0, kind, at: at(minute), ...more });
const usual = [step("called", 1, { channel: "phone" }), step("answered", 2), step("departed", 9), step("arrived", 25, { people: 3 })];

test("the usual way, in any order of arrival", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((n) => fold(usual.slice(0, n), 3).state), ["waiting", "called", "answered", "departed", "arrived"]);
  assert.deepEqual(fold([...usual].reverse(), 3), fold(usual, 3));
  assert.equal(fold(usual, 3).last.kind, "arrived");
});

test("people come in parts and are counted once", () => {
  const parts = [step("arrived", 20, { people: 2 }), step("arrived", 30, { people: 1 })];
  assert.equal(fold(parts.slice(0, 1), 3).state, "departed");
  const all = fold([...parts, step("arrived", 31, { people: 3 })], 3);
  assert.deepEqual([all.state, all.arrived, all.clashes], ["arrived", 3, ["arrived-31"]]);
  assert.equal(fold([step("arrived", 20, { people: 2, all_in: true })], 3).state, "arrived");
});

test("what does not fit is kept and not counted, what is taken back is gone", () => {
  assert.deepEqual(fold([usual[3], step("no_answer", 26)], 3).clashes, ["no_answer-26"]);
  assert.equal(fold([...usual, step("undone", 30, { undoes: "arrived-25" })], 3).state, "departed");
  assert.equal(fold([...usual, step("undone", 30, { undoes: "arrived-25" })], 3).last.kind, "departed");
});

test("a tablet shows what it has noted before the server knows", () => {
  const item = { household: 7, plan: 1, people: 3, steps: usual.slice(0, 1), state: "called" };
  const mine = [{ id: "a", kind: "answered", at: at(3) }, { id: "b", kind: "departed", at: at(4) }];
  assert.equal(standing(item, mine).state, "departed");
  // what has come back from the server is not counted twice
  assert.equal(standing({ ...item, steps: [...item.steps, { ...mine[0], seq: 2 }] }, mine).state, "departed");
  const outbox = mine.map((one, i) => ({ kind: STEP, state: "queued", order: i, content: { household: 7, step: one } }));
  assert.equal(rowsOf({ items: [item, { ...item, plan: 2 }] }, { id: 1 }, outbox).map(({ state }) => state).join(), "departed");
  const refused = [outbox[0], { ...outbox[1], state: "refused" }];
  assert.deepEqual(noted(refused).get(7).map(({ id }) => id), ["a"]);
  assert.equal(noted([{ kind: "report", state: "queued", order: 1, content: {} }]).size, 0);
});

test("nobody is home before the way home is open", () => {
  const steps = [...usual, step("home", 50)];
  assert.deepEqual([fold(steps, 3).home, fold(steps, 3).clashes], [null, ["home-50"]]);
  assert.equal(fold(steps, 3, at(51)).home, null);
  assert.equal(fold(steps, 3, at(50)).home, at(50));
  // the clock of a tablet that is behind; the server says so too
  const item = { household: 7, plan: 1, people: 3, steps: usual, state: "arrived" };
  assert.equal(standing(item, [step("home", 50)], at(51)).home, at(51));
});

test("of a long list those with something left to do come first, and every one can be reached", () => {
  const rows = Array.from({ length: 150 }, (_none, n) => ({ household: n, state: n < 130 ? "arrived" : "answered", shelter: 4 }));
  const first = shownFirst(rows, MOST_ROWS).map(({ household }) => household);
  assert.deepEqual([first.length, first.slice(0, 21)], [MOST_ROWS, [...Array.from({ length: 20 }, (_none, n) => 130 + n), 0]]);
  assert.equal(shownFirst(rows, 2 * MOST_ROWS), rows);
  const back = rows.map((row) => ({ ...row, state: "arrived", returning: true, home: row.household < 149 ? at(1) : null }));
  assert.equal(shownFirst(back, MOST_ROWS)[0].household, 149);
});

test("one step ahead, then the exceptions", () => {
  const kinds = (state, more = {}) => moves({ state, rung: "phone", attempts: 0, shelter: 4, ...more }).map(({ kind }) => kind);
  assert.deepEqual(kinds("waiting"), ["answered", "no_answer", "refused"]);
  assert.deepEqual(kinds("answered"), ["departed", "help", "refused"]);
  assert.deepEqual(kinds("departed"), ["arrived", "arrived"]);
  assert.deepEqual(kinds("departed", { shelter: null }), ["arrived"]);
  assert.deepEqual(kinds("arrived"), []);
  assert.deepEqual(kinds("arrived", { returning: true }), ["home"]);
  assert.deepEqual(kinds("arrived", { returning: true, home: at(60) }), []);
  const [, again] = moves({ state: "no_answer", rung: "door", attempts: 1 });
  assert.deepEqual([again.channel, again.words], ["door", "敲门没应 2"]);
  assert.deepEqual(bare({ kind: "refused", words: "不愿走", asks: "reason" }), { kind: "refused" });
  assert.deepEqual(dots({ state: "no_answer" }), { filled: 1, crossed: true });
});

test("words of states and of what was noted", () => {
  assert.equal(stateWords({ state: "arrived", place: "relatives" }), "去亲友家");
  assert.equal(stateWords({ state: "arrived", place: "shelter", home: at(9) }), "已回家");
  assert.equal(said({ name: "周某" }, { kind: "arrived", place: "shelter" }), "周某：到了");
});

test("sums reconcile: every household is in one part of the bar", () => {
  const grid = { households: 9, waiting: 1, called: 1, no_answer: 1, answered: 1, departed: 1, arrived: 2, refused: 1, not_found: 1 };
  const sums = sumsOf(grid);
  assert.equal(sums.waiting + sums.called + sums.answered + sums.departed + sums.arrived, grid.households);
  const counted = tally(["waiting", "called", "no_answer", "answered", "departed", "arrived", "refused", "not_found"].map((state) => ({ state })));
  assert.equal(counted.waiting + counted.called + counted.answered + counted.departed + counted.arrived, counted.households);
});

test("a grid that nobody has heard from comes first", () => {
  const grids = [
    { grid: "1", complete: true, silent_seconds: 900 }, { grid: "2", complete: false, silent_seconds: 10, heard_at: at(0) },
    { grid: "3", complete: false, silent_seconds: 600, heard_at: null },
  ];
  assert.deepEqual(inOrder(grids).map(({ grid }) => grid), ["3", "2", "1"]);
  const now = new Date(at(2));
  assert.equal(heard(grids[0], now), "都有着落");
  assert.match(heard(grids[1], now), /2 分钟前有消息/);
  assert.match(heard(grids[2], now), /没有回音 10 分钟/);
});

test("a list of the board says what it does not show", () => {
  assert.deepEqual(rest(40, 40, 60), { shown: 40, more: 0, left: 0, unlisted: 0 });
  assert.deepEqual(rest(500, 812, 60), { shown: 60, more: 60, left: 752, unlisted: 312 });
  assert.deepEqual(rest(500, 812, 480), { shown: 480, more: 20, left: 332, unlisted: 312 });
  assert.deepEqual(rest(500, 812, 540), { shown: 500, more: 0, left: 312, unlisted: 312 });
  assert.equal(countWords(812, null), "812 户");
  assert.equal(countWords(0, null), "");
});

test("the five minutes count down, then up", () => {
  const now = new Date(at(6));
  const item = { begun_at: at(0), due_at: at(5), state: "waiting", level: "village" };
  assert.deepEqual([waiting(item, now).late, waiting(item, now).words], [true, "超时 01:00"]);
  assert.equal(waiting({ ...item, due_at: at(8) }, now).words, "还剩 02:00");
  assert.equal(waiting({ ...item, due_at: null, state: "refused" }, now).words, "不愿走");
});

test("a message that waits is never called sent", () => {
  assert.equal(why({ unsent: true, why: "not_configured" }), "没有设置网关");
  assert.equal(why({ unsent: true, why: null }), "排着，马上发");
  assert.equal(why({ unsent: false, why: null }), "");
});

test("a code is read as people type it", () => {
  assert.equal(codeOf(" gridmap:k7qf2-m9dxt "), "K7QF2M9DXT");
  assert.equal(codeOf("OIL00-00000"), "0110000000");
  for (const none of ["", "K7QF2", "K7QF2-M9DXTT", "K7QF2-M9DX!", "UUUUUUUUUU"]) assert.equal(codeOf(none), "");
});

test("a row says where its household waits or walks to, and nothing where that is not known", () => {
  assert.equal(meetWords({ meet: 2, meet_name: "湖滨桥头", travel: "walk" }), "先到 2 号集合点 湖滨桥头");
  assert.equal(meetWords({ meet: 2, meet_name: "湖滨桥头", travel: "walk_then_vehicle" }), "先到 2 号集合点 湖滨桥头 上车");
  assert.equal(meetWords({ meet: null, travel: "vehicle" }), "在家等车");
  assert.equal(meetWords({ meet: null, meet_name: null, travel: null }), "");
  assert.equal(meetWords({ meet: 3, meet_name: null, travel: "walk" }), "先到 3 号集合点 无名路口");
  assert.equal(meetWords({}), "");
});

test("a household at its door is told where it meets and its shelter, until it is there", () => {
  const walks = { state: "called", meet: 2, meet_name: "湖滨桥头", travel: "walk" };
  const shelter = { id: 4, name: "湖光小学" };
  assert.equal(goesWords(walks, shelter), "先到 2 号集合点 湖滨桥头 · 去：湖光小学");
  assert.equal(goesWords({ state: "waiting", meet: null, travel: "vehicle" }, shelter), "在家等车 · 去：湖光小学");
  assert.equal(goesWords({ state: "waiting", meet: null, travel: "walk" }, shelter), "去：湖光小学");
  assert.equal(goesWords({ state: "waiting" }, undefined), "");
  assert.equal(goesWords({ ...walks, state: "arrived" }, shelter), "");
  assert.equal(goesWords({ ...walks, returning: true }, shelter), "");
});
