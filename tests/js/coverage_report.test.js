// Ordering a report on coverage without a browser: areas to choose from, what is asked for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { areasOf, orderOf } from "../../static/js/coverage/report_dialog.js";

test("a report is about the area of the run or one inside it", () => {
  const townships = [{ code: "990101001", name: "湖边" }, { code: "990102001", name: "别处" }];
  const communities = [{ code: "990101001001", name: "湖一" }, { code: "990101002001", name: "山一" }];
  assert.deepEqual(areasOf("990101", townships, communities), [
    ["990101", "整个区域 990101"], ["990101001", "湖边"], ["990101001001", "湖边 · 湖一"], ["990101002001", "山一"],
  ]);
  assert.deepEqual(areasOf("990101001", townships, communities), [["990101001", "湖边"], ["990101001001", "湖一"]]);
});

test("an order names a standard unless all are wanted", () => {
  const order = { area: "990101", form: "xlsx" };
  assert.deepEqual(orderOf({ ...order, standards: "fire" }), { ...order, standards: ["fire"] });
  assert.deepEqual(orderOf({ ...order, standards: "all" }), order);
});
