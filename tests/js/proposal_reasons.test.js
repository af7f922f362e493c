// Why a proposal moves nobody, or not all: in figures.
import assert from "node:assert/strict";
import { test } from "node:test";

import { whyWords } from "../../static/js/planner/proposal_reasons.js";

const name = (code) => `社区${code}`;
const asked = { community: "1", grids: 5, households: 117, minimum: 15, maximum: 21, outside: 12, reason: null };
const said = (reason, ...entries) => whyWords({ reason, asked: entries }, name);

test("where all is kept already it says so with the rule", () => {
  assert.deepEqual(said("nothing_to_do", asked), ["5 格都在 15–21 户里，没有要换的户"]);
  const other = { ...asked, community: "2", minimum: 10 };
  assert.deepEqual(said("nothing_to_do", asked, other), ["10 格都合各自的规则，没有要换的户"]);
  assert.deepEqual(said(null, asked), []);
});

test("each community that cannot keep its rule is named with the figures", () => {
  const lines = said("rules_cannot_be_kept", { ...asked, reason: "too_many" }, asked,
    { ...asked, community: "2", reason: "too_few", households: 60, outside: 15 },
    { ...asked, community: "3", reason: "blocks", outside: 2 });
  assert.deepEqual(lines, [
    "社区1 有 117 户，5 格最多 105 户，多 12 户",
    "社区2 有 60 户，5 格至少要 75 户，少 15 户",
    "社区3 按街块怎么分，都有 2 户不合 15–21 户的规则",
  ]);
  const drawn = { ...asked, reason: "unit_too_large", largest: 40 };
  assert.deepEqual(said("rules_cannot_be_kept", drawn), ["社区1：分不开的一块就有 40 户"]);
});

test("a proposal of an older server has the reason alone", () => {
  assert.deepEqual(whyWords({ reason: "not_found" }, name), ["找不到改法"]);
});

test("communities that do not touch are named with how far they are apart", () => {
  const gap = { communities: [{ code: "1" }, { code: "3" }], metres: 998.2, point: [114.5, 30.5] };
  assert.deepEqual(whyWords({ reason: "not_neighbours", gap }, name), ["社区1 和 社区3 不挨着，最近处隔 1.0 公里，不能合并"]);
});
