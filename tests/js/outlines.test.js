// Outlines of communities as a draft has them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { operationWords } from "../../static/js/planner/operations.js";
import { drafted } from "../../static/js/planner/outlines.js";
import { question } from "../../static/js/planner/proposal_words.js";

const area = (code) => ({ type: "Feature", id: code, geometry: null, properties: { code, name: `社区${code}` } });
const areas = ["1", "2", "3"].map(area);
const outline = { type: "MultiPolygon", coordinates: [] };

test("communities that a draft merges are drawn as the one they become, the others as they are", () => {
  const merged = [{ code: "601", name: "新", communities: ["1", "2"], outline }];
  const { features } = drafted(areas, merged);
  assert.deepEqual(features.map(({ properties }) => properties.code), ["3", "601"]);
  assert.equal(features[1].geometry, outline);
  assert.equal(features[1].properties.name, "新");
  assert.deepEqual(drafted(areas).features, areas);
});

test("a name goes along with the question when there is one", () => {
  const subject = { community: "2", other: "1" };
  const kind = "merge_communities";
  assert.deepEqual(question(kind, { ...subject, name: "  " }), { kind, communities: ["1", "2"] });
  assert.deepEqual(question(kind, { ...subject, name: " 湖畔 " }), { kind, communities: ["1", "2"], name: "湖畔" });
});

test("another name is told with the one before", () => {
  const words = operationWords({ kind: "name_community", figures: { code: "601", before: "甲", name: "乙" } });
  assert.equal(words, "社区改名 甲 → 乙");
});
