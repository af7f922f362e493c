// Outlines of communities as a draft has them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { drafted } from "../../static/js/planner/outlines.js";

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
