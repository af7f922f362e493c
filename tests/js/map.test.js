// Where things go on the map: places, labels, routes, heaps, scale.
import assert from "node:assert/strict";
import { test } from "node:test";

import { gather } from "../../static/js/map/layers/incidents.js";
import { heapRadius, mergeHeaps, thinned, tilesIn } from "../../static/js/map/layers/households.js";
import { along, arrowheads, RouteLayer } from "../../static/js/map/layers/routes.js";
import { distanceSquared, inside, metresPerPixel, shape, toLonLat, toWorld } from "../../static/js/map/mercator.js";
import { characters, isHan, stretch, upright } from "../../static/js/map/names.js";
import { boxAround, Boxes, placeInside, whollyInside } from "../../static/js/map/placing.js";
import { ROADS, widthScale } from "../../static/js/map/roads.js";
import { roundLength } from "../../static/js/map/scale.js";
import { nextActive, normalise } from "../../static/js/map/search.js";
import { bandOf } from "../../static/js/map/layers/coverage.js";

const ring = (...points) => Float64Array.from(points.flat());
const square = (x, y, side) => ring([x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]);

test("Mercator there and back, and the metres of a pixel", () => {
  for (const place of [[114.4, 30.5], [7.42, 43.73], [-70, -33], [0, 0]]) {
    const [lon, lat] = toLonLat(toWorld(place));
    assert.ok(Math.abs(lon - place[0]) < 1e-9 && Math.abs(lat - place[1]) < 1e-9);
  }
  assert.deepEqual(toWorld([0, 0]), [0.5, 0.5]);
  assert.ok(Math.abs(metresPerPixel(30.5, 16) - 2.058) < 0.01);
});

test("a geometry becomes flat lines with bounds; what is no place becomes nothing", () => {
  const multi = shape({ type: "MultiPolygon", coordinates: [[[[0, 0], [1, 0], [1, 1], [0, 0]]], [[[5, 5], [6, 5], [6, 6], [5, 5]]]] });
  assert.equal(multi.lines.length, 2);
  assert.ok(multi.bounds.minX < 0.501 && multi.bounds.maxX > 0.516);
  for (const nothing of [null, undefined, { type: "Blob" }, { type: "Point", coordinates: [] }]) {
    assert.equal(shape(nothing), null);
  }
});

test("inside respects holes, nearness is to the edges", () => {
  const lines = [square(0, 0, 10), square(4, 4, 2)];
  assert.equal(inside(lines, 2, 2), true);
  assert.equal(inside(lines, 5, 5), false);
  assert.equal(inside(lines, 12, 5), false);
  assert.equal(distanceSquared(lines, 12, 5), 4);
});

test("a taken place is not given twice; touching boxes do not collide", () => {
  const boxes = new Boxes();
  assert.equal(boxes.claim(boxAround(0, 0, 10, 10)), true);
  assert.equal(boxes.claim(boxAround(4, 4, 10, 10)), false);
  assert.equal(boxes.claim(boxAround(10, 0, 10, 10)), true);
  assert.equal(boxes.claim(boxAround(500, 500, 200, 200)), true);
  assert.equal(boxes.free(boxAround(590, 590, 4, 4)), false);
});

test("a label lies wholly inside its grid, at the best point when that is free", () => {
  const lines = [square(0, 0, 200)];
  const bounds = { minX: 0, minY: 0, maxX: 200, maxY: 200 };
  assert.deepEqual(placeInside(lines, bounds, [100, 100], 60, 16, () => true), [100, 100]);
});

test("a taken best point gives the nearest free one, still inside", () => {
  const lines = [square(0, 0, 200)];
  const bounds = { minX: 0, minY: 0, maxX: 200, maxY: 200 };
  const boxes = new Boxes();
  boxes.take(boxAround(100, 100, 40, 40));
  const found = placeInside(lines, bounds, [100, 100], 60, 16, (box) => boxes.free(box));
  assert.ok(found);
  const box = boxAround(...found, 60, 16);
  assert.ok(boxes.free(box) && whollyInside(lines, box));
  assert.ok(Math.hypot(found[0] - 100, found[1] - 100) < 60);
});

test("a best point in a narrow arm gives way to the wide part", () => {
  const arm = [ring([0, 0], [20, 0], [20, 150], [200, 150], [200, 250], [0, 250], [0, 0])];
  const bounds = { minX: 0, minY: 0, maxX: 200, maxY: 250 };
  const [x, y] = placeInside(arm, bounds, [10, 60], 60, 16, () => true);
  assert.ok(whollyInside(arm, boxAround(x, y, 60, 16)), `${x}, ${y}`);
  assert.ok(y > 150);
});

test("where no place is free the label is left out, never moved outside", () => {
  const narrow = [ring([0, 0], [200, 0], [200, 12], [0, 12], [0, 0])];
  const bounds = { minX: 0, minY: 0, maxX: 200, maxY: 12 };
  assert.equal(placeInside(narrow, bounds, [100, 6], 60, 16, () => true), null);
  assert.equal(placeInside([square(0, 0, 200)], { minX: 0, minY: 0, maxX: 200, maxY: 200 }, [100, 100], 60, 16, () => false), null);
});

test("a box over a notch is not inside, though its corners are", () => {
  const notched = [ring([0, 0], [45, 0], [50, 60], [55, 0], [100, 0], [100, 100], [0, 100], [0, 0])];
  assert.equal(whollyInside(notched, boxAround(50, 40, 60, 20)), false);
  assert.equal(whollyInside(notched, boxAround(50, 80, 60, 20)), true);
});

test("incidents that would hide each other become one, under the most urgent", () => {
  const at = (number, level, x, y) => ({ item: { props: { number, level } }, x, y });
  const groups = gather([at(1, 4, 0, 0), at(2, 1, 10, 0), at(3, null, 200, 0)]);
  assert.equal(groups.length, 2);
  assert.equal(groups[0].item.props.number, 2);
  assert.deepEqual(groups[0].members.map(({ props }) => props.number), [2, 1]);
});

test("the ways of an exercise are named as such, and drawn in another colour, broken", () => {
  const way = { type: "FeatureCollection", features: [
    { geometry: { type: "LineString", coordinates: [[114, 30], [114.01, 30]] }, properties: { people: 200, households: 50 } }] };
  const drawn = (exercise) => {
    const strokes = [];
    const ctx = { save() {}, restore() {}, setLineDash: (dash) => { ctx.dash = dash; }, stroke: () => strokes.push([ctx.strokeStyle, ctx.dash.length]) };
    const layer = new RouteLayer({ invalidate() {}, add() {} });
    layer.setData(way, exercise);
    layer.draw({ ctx, zoom: 15, colours: { halo: "halo", accent: "teal", ink2: "grey" }, sees: () => true, box: () => null, trace() {} });
    return [strokes, layer.legend().map(({ words }) => words)];
  };
  assert.deepEqual(drawn(false), [[["halo", 0], ["teal", 0]], ["转移路线"]]);
  assert.deepEqual(drawn(true), [[["halo", 0], ["grey", 2]], ["演练路线"]]);
});

test("arrowheads stand every 80 pixels and look along the way", () => {
  const heads = arrowheads(Float64Array.from([0, 0, 100, 0, 100, 90]), 80);
  assert.deepEqual(heads.map(({ x, y }) => [x, y]), [[40, 0], [100, 20]]);
  assert.equal(heads[0].turn, 0);
  assert.equal(heads[1].turn, Math.PI / 2);
  assert.deepEqual(arrowheads(Float64Array.from([0, 0, 0, 0]), 80), []);
});

test("a route takes its place all along, not only at its corners", () => {
  const places = along(Float64Array.from([0, 0, 120, 0]), 12);
  assert.equal(places.length, 11);
  assert.deepEqual(places.at(-1), [120, 0]);
});

test("heaps that overlap are added up and no household is lost", () => {
  const heaps = Array.from({ length: 200 }, (_, i) => ({ x: (i * 37) % 500, y: (i * 91) % 300, count: 1 + (i % 9), needs: 1, uncovered: i % 2 }));
  const merged = mergeHeaps(heaps);
  const sum = (list, name) => list.reduce((total, heap) => total + heap[name], 0);
  for (const name of ["count", "needs", "uncovered"]) assert.equal(sum(merged, name), sum(heaps, name));
  for (const one of merged) {
    for (const other of merged) {
      if (one !== other) assert.ok(Math.hypot(one.x - other.x, one.y - other.y) >= 52);
    }
  }
  assert.ok(heapRadius(10) < heapRadius(400) && heapRadius(1e6) <= 26);
});

test("marks of one building are one mark", () => {
  assert.equal(thinned([[1, 1], [2, 1], [30, 1]], 10).length, 2);
});

test("tiles cover a box and stop at the edge of the world", () => {
  assert.deepEqual(tilesIn({ minX: 0.4, minY: 0.4, maxX: 0.6, maxY: 0.6 }, 1).length, 4);
  assert.deepEqual(tilesIn({ minX: -1, minY: -1, maxX: 2, maxY: 2 }, 0), [{ z: 0, x: 0, y: 0 }]);
});

test("a bigger street is wider at every zoom, and wider the nearer", () => {
  for (const road of ROADS) assert.ok(road.casing > road.fill);
  const order = ["residential", "tertiary", "secondary", "primary"].map((name) => ROADS.find((road) => road.class === name).fill);
  assert.deepEqual(order, [...order].sort((one, other) => one - other));
  for (let zoom = 9; zoom < 20; zoom++) assert.ok(widthScale(zoom + 1) >= widthScale(zoom));
});

test("a name follows only a straight stretch that is long enough", () => {
  const line = (...points) => points.map(([x, y]) => ({ x, y }));
  assert.equal(stretch(line([0, 0], [50, 0]), 60), null);
  assert.ok(stretch(line([0, 0], [200, 0]), 60));
  const zigzag = line(...Array.from({ length: 30 }, (_, i) => [i * 6, (i % 2) * 8]));
  assert.equal(stretch(zigzag, 100), null);
});

test("characters stay within 45 degrees; steep streets are read downwards", () => {
  for (let degrees = -180; degrees <= 180; degrees += 5) {
    assert.ok(Math.abs(upright((degrees * Math.PI) / 180)) <= Math.PI / 4 + 1e-9);
  }
  const upwards = [{ x: 0, y: 200 }, { x: 0, y: 0 }];
  const signs = characters(upwards, stretch(upwards, 90), "望湖路", 30);
  assert.deepEqual(signs.map(({ character }) => character), ["望", "湖", "路"]);
  assert.ok(signs[0].y < signs[2].y);
  const leftwards = [{ x: 200, y: 0 }, { x: 0, y: 0 }];
  const across = characters(leftwards, stretch(leftwards, 90), "望湖路", 30);
  assert.ok(across[0].x < across[2].x);
});

test("scripts are told apart", () => {
  assert.equal(isHan("望湖大街"), true);
  assert.equal(isHan("Boulevard d’Italie"), false);
  assert.equal(isHan("G42 高速"), false);
});

test("a scale bar has a round length that fits", () => {
  for (const metres of [0.3, 1.03, 2.06, 8.2, 33, 264]) {
    const length = roundLength(metres);
    assert.ok(length / metres <= 110 && length / metres > 40, `${metres}: ${length}`);
    assert.ok([1, 2, 5].includes(Number(String(length / 10 ** Math.floor(Math.log10(length) + 1e-9)).slice(0, 1))));
  }
});

test("what people type is normalised, arrows go round", () => {
  assert.equal(normalise(" ００３－０１２ "), "003-012");
  assert.equal(normalise("湖光里　7  栋"), "湖光里 7 栋");
  assert.equal(nextActive("ArrowDown", -1, 3), 0);
  assert.equal(nextActive("ArrowDown", 2, 3), 0);
  assert.equal(nextActive("ArrowUp", 0, 3), 2);
  assert.equal(nextActive("ArrowDown", -1, 0), -1);
});

test("coverage bands: all, most, half, hatched; nobody there is no band", () => {
  const band = (households, uncovered) => bandOf({ households, uncovered })?.name;
  assert.equal(band(400, 0), "seq3");
  assert.equal(band(400, 40), "seq2");
  assert.equal(band(400, 190), "seq1");
  assert.equal(band(400, 201), "hatch");
  assert.equal(band(0, 0), undefined);
  assert.equal(bandOf(undefined), null);
});

test("edges of micro-grids are drawn once, whoever has them", async () => {
  const { edgesOf } = await import("../../static/js/map/layers/micro.js");
  const square = (west) => ({ shape: { bounds: {}, lines: [[west, 0, west + 1, 0, west + 1, 1, west, 1, west, 0]] } });
  const edges = edgesOf([square(0), square(1)]);
  // the border of the two belongs to the first; the second begins and ends beside it
  assert.deepEqual(edges.map(({ line }) => line), [[0, 0, 1, 0, 1, 1, 0, 1, 0, 0], [1, 0, 2, 0, 2, 1, 1, 1]]);
});
