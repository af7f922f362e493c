// Words, numbers, times, severity: what people read is decided by pure functions.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import * as format from "../../static/js/core/format.js";
import { byUrgency, levelOf, roman, shapeOf, textSize } from "../../static/js/core/severity.js";
import { _, n_, useWords } from "../../static/js/core/words.js";

afterEach(() => useWords({}));

test("a missing word shows its source, values are put in once", () => {
  assert.equal(_("{n} 米", { n: "{n}" }), "{n} 米");
  assert.equal(_("{a}{b}", { a: 1 }), "1{b}");
});

test("a translation with two forms chooses by the count", () => {
  useWords({ "{n} 户": "{n} household|{n} households" });
  assert.equal(n_("{n} 户", 1), "1 household");
  assert.equal(n_("{n} 户", 0), "0 households");
  assert.equal(n_("{n} 户", 1200, { n: "1,200" }), "1,200 households");
});

test("numbers are grouped, unknown ones are a dash, minus is a minus", () => {
  assert.equal(format.number(1234567), "1,234,567");
  assert.equal(format.number(999), "999");
  assert.equal(format.number(-1234), "\u22121,234");
  assert.equal(format.number(-0.2), "0");
  for (const nothing of [null, undefined, NaN, "x", Infinity]) assert.equal(format.number(nothing), "–");
});

test("a deviation always has its sign, zero has none", () => {
  assert.equal(format.signedPercent(0.066), "+7%");
  assert.equal(format.signedPercent(-0.06), "\u22126%");
  assert.equal(format.signedPercent(0.004), "0%");
  assert.equal(format.signedPercent(null), "–");
});

test("a share is never rounded to all or to nothing", () => {
  assert.equal(format.percent(0.99999), "99.9%");
  assert.equal(format.percent(0.00001), "0.1%");
  assert.equal(format.percent(1), "100%");
  assert.equal(format.percent(0), "0%");
  assert.equal(format.percent(0.549), "54.9%");
  assert.equal(format.percent(null), "–");
});

test("distances change unit where they would read the same", () => {
  assert.equal(format.distance(80.4), "80 米");
  assert.equal(format.distance(994), "994 米");
  assert.equal(format.distance(999), "1.0 公里");
  assert.equal(format.distance(1449), "1.4 公里");
});

test("durations, travel times and timers", () => {
  assert.equal(format.duration(45), "45 秒");
  assert.equal(format.duration(366), "6 分钟");
  assert.equal(format.duration(6720), "1 小时 52 分");
  assert.equal(format.duration(3 * 86400 + 5), "3 天");
  assert.equal(format.travel(245.2), "4 分 05 秒");
  assert.equal(format.travel(59.4), "59 秒");
  assert.equal(format.timer(130), "02:10");
  assert.equal(format.timer(6725), "1时52分");
  assert.equal(format.timer(-4), "00:00");
});

test("a moment tells the day only when it is another one", () => {
  const now = new Date(2026, 5, 19, 14, 32, 9);
  assert.equal(format.moment(new Date(2026, 5, 19, 8, 5), now), "08:05");
  assert.equal(format.moment(new Date(2026, 5, 18, 6, 0), now), "6月18日 06:00");
  assert.equal(format.moment(new Date(2025, 11, 31, 23, 59), now), "2025-12-31 23:59");
  assert.equal(format.moment("no time", now), "–");
});

test("times are those of the site, wherever the browser is", () => {
  try {
    format.useZone("Asia/Shanghai");
    const now = new Date("2026-06-19T06:08:00Z");
    assert.equal(format.moment("2026-06-18T16:30:09Z", now), "00:30");
    assert.equal(format.clock("2026-06-18T16:30:09Z"), "00:30:09");
    assert.equal(format.moment("2026-06-18T15:30:00Z", now), "6月18日 23:30");
    assert.equal(format.dateOf("2025-12-31T16:00:00Z"), "2026-01-01");
    assert.equal(format.dateOf(null), "");
    assert.equal(format.instant("2026-06-19T14:30").toISOString(), "2026-06-19T06:30:00.000Z");
    assert.equal(format.instant(""), null);
    format.useZone("Europe/Berlin"); // whose clocks are put forward and back
    assert.equal(format.instant("2026-03-29T12:00").toISOString(), "2026-03-29T10:00:00.000Z");
    assert.equal(format.instant("2026-03-28T12:00").toISOString(), "2026-03-28T11:00:00.000Z");
    assert.equal(format.clock("2026-10-25T12:00:00Z"), "13:00:00");
    assert.equal(format.zone(), "Europe/Berlin");
  } finally {
    format.useZone();
  }
});

test("an age counts seconds, then minutes, then names the moment; the future is now", () => {
  const now = new Date(2026, 5, 19, 14, 32, 0);
  const before = (seconds) => new Date(now - seconds * 1000);
  assert.equal(format.age(before(12), now), "12 秒前");
  assert.equal(format.age(before(60), now), "1 分钟前");
  assert.equal(format.age(before(3600), now), "13:32");
  assert.equal(format.age(before(-5), now), "0 秒前");
});

test("levels come as numbers or colours, anything else has none", () => {
  assert.deepEqual(["red", "blue", 2, "3", null, undefined, 0, 5, "pink", 1.5].map(levelOf),
    [1, 4, 2, 3, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([1, 2, 3, 4, null].map(roman), ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", ""]);
});

test("every level has a shape of its own, and it holds three digits", () => {
  const shapes = [0, 1, 2, 3, 4].map((level) => shapeOf(level).path);
  assert.equal(new Set(shapes).size, 5);
  for (const level of [0, 1, 2, 3, 4]) {
    assert.ok(textSize(level, "128") < textSize(level, "12"));
    assert.ok(textSize(level, "12") < textSize(level, "1"));
  }
});

test("the most urgent comes first, without a level last, then by number", () => {
  const items = [
    { level: null, number: 1 }, { level: 4, number: 2 }, { level: 1, number: 9 }, { level: 1, number: 3 },
  ];
  assert.deepEqual(items.sort(byUrgency).map(({ number }) => number), [3, 9, 2, 1]);
});
