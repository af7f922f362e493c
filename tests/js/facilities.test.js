// What a facility says of itself, and what a hand writes for a clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clockOf } from "../../static/js/pages/facilities_hours.js";
import { daysWord, hoursWord, levelWord, offWord, stateOf } from "../../static/js/pages/facilities_words.js";

test("a clock is understood as people write it", () => {
  const cases = [["8", "08:00"], ["08", "08:00"], ["830", "08:30"], ["0830", "08:30"], ["8:30", "08:30"], ["8：30", "08:30"],
    [" 17.30 ", "17:30"], ["24:00", "24:00"], ["", ""], ["noon", "noon"], ["123456", "123456"]];
  for (const [written, clock] of cases) assert.equal(clockOf(written), clock);
});

test("days that follow each other are a run", () => {
  assert.equal(daysWord([1, 2, 3, 4, 5]), "周一至周五");
  assert.equal(daysWord([7, 1, 3, 2]), "周一至周三、周日");
  assert.equal(daysWord([6, 7]), "周六、周日");
  assert.equal(daysWord([1, 2, 3, 4, 5, 6, 7]), "每天");
});

test("hours in one line", () => {
  assert.equal(hoursWord(null), "一直开");
  assert.equal(hoursWord([]), "从不开");
  assert.equal(hoursWord([{ days: [1, 2, 3], from: "08:00", to: "12:00" }, { days: [6], from: "20:00", to: "06:00" }]),
    "周一至周三 08:00–12:00；周六 20:00–06:00");
});

test("given up comes before off duty, and off duty says why and until when", () => {
  assert.equal(stateOf({ open: false, retired: true }), "retired");
  assert.equal(stateOf({ open: false, retired: false }), "off");
  assert.equal(stateOf({ open: true, retired: false }), "on");
  const now = new Date("2026-11-22T08:00:00Z");
  assert.equal(offWord({ closed_why: "停电", closed_until: null }, now), "停电，什么时候恢复没定");
  assert.match(offWord({ closed_why: null, closed_until: "2026-11-22T10:00:00Z" }, now), /^停到 \d\d:00$/u);
});

test("levels have words where they have some", () => {
  assert.equal(levelWord("2"), "2 级");
  assert.equal(levelWord("small"), "小型");
  assert.equal(levelWord("own_kind"), "own_kind");
  assert.equal(levelWord(null), "");
});
