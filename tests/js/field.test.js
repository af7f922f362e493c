// The tablet: what counts as a receipt, which way items may go, what is near, what goes out.
import assert from "node:assert/strict";
import { test } from "node:test";

import { arranged, concerning } from "../../static/js/field/day.js";
import { kindOf, KINDS, levelFor } from "../../static/js/field/kinds.js";
import { typeOf } from "../../static/js/field/photo.js";
import { bodyOf, lacking, titleOf } from "../../static/js/field/report_body.js";
import { bytesOf, importKey, seal, sealJson, sha256, unseal, unsealJson } from "../../static/js/field/seal.js";
import { pause } from "../../static/js/field/sender.js";
import { canEdit, inOrder, may, STEPS } from "../../static/js/field/states.js";
import { isStart, verdict } from "../../static/js/field/verdict.js";
import { answersOf, confirmed } from "../../static/js/field/visit.js";
import { contains, find, house, meet, metres, nearest, walk } from "../../static/js/field/where.js";

const SENT = { digest: "d1", id: "i1", field: "id" };
const JSON_TYPE = "application/json";
const PROBLEM = "application/problem+json";
const answer = (status, body, type = JSON_TYPE) => ({ status, body, type, retryAfter: null });
const problem = (status, more = {}) => answer(status, { type: "urn:gridmap:problem:x", title: "t", status, ...more }, PROBLEM);

test("only a receipt with the hash of what was sent and its id is taken", () => {
  const good = { id: "i1", body_sha256: "d1", number: 7 };
  assert.equal(verdict(answer(201, good), SENT).kind, "accepted");
  assert.equal(verdict(answer(200, good), SENT).kind, "accepted");
  for (const body of [
    null, {}, { ...good, body_sha256: "d2" }, { ...good, id: "i2" }, { id: "i1" }, { body_sha256: "d1" }, [], "ok",
  ]) {
    assert.deepEqual(verdict(answer(200, body), SENT), { kind: "again", why: "stranger", after: null });
  }
  assert.equal(verdict(answer(202, good), SENT).kind, "again");
});

test("a refusal counts only as a problem of our own server", () => {
  assert.equal(verdict(problem(400), SENT).kind, "refused");
  assert.equal(verdict(problem(403), SENT).kind, "refused");
  assert.equal(verdict(problem(409), SENT).kind, "conflict");
  assert.equal(verdict(problem(401), SENT).kind, "signin");
  assert.equal(verdict(problem(400, { type: "urn:gridmap:problem:page-too-old" }), SENT).kind, "token");
  for (const status of [400, 401, 403, 404, 409, 511]) {
    assert.equal(verdict(answer(status, null, "text/html"), SENT).kind, "again", String(status));
    assert.equal(verdict(answer(status, { error: "login" }), SENT).kind, "again", String(status));
  }
  assert.equal(verdict(problem(400, { status: 200 }), SENT).kind, "again");
  assert.equal(verdict(answer(401, { title: "t", status: 401 }), SENT).kind, "again");
});

test("trouble of the way or of the server is tried again, with its own waiting time", () => {
  assert.equal(verdict(answer(0, null), SENT).why, "unreachable");
  assert.equal(verdict(problem(503), SENT).why, "server");
  assert.equal(verdict(answer(502, null, "text/html"), SENT).why, "server");
  assert.deepEqual(verdict({ ...problem(429), retryAfter: "30" }, SENT), { kind: "again", why: "server", after: 30 });
  assert.deepEqual([0, 1, 2, 6, 999].map(pause), [0, 2, 4, 60, 60]);
});

test("a start is ours or nobody's", () => {
  assert.ok(isStart({ user: 3, csrf_token: "x", areas: [] }));
  for (const body of [null, {}, { user: "3", csrf_token: "x", areas: [] }, { user: 3, areas: [] }]) assert.ok(!isStart(body));
});

test("an item leaves only as a draft or after its receipt, and never from the middle", () => {
  const leaving = Object.keys(STEPS).filter((state) => may(state, "gone"));
  assert.deepEqual(leaving, ["draft", "accepted"]);
  assert.ok(!may("queued", "accepted"));
  assert.ok(!may("accepted", "draft"));
  assert.ok(canEdit({ state: "queued", tries: 0 }));
  assert.ok(!canEdit({ state: "queued", tries: 1 }));
  assert.ok(!canEdit({ state: "sending", tries: 1 }));
});

test("words go before photos, older before newer", () => {
  const items = [
    { id: "photo", state: "sending", received: true, order: 1 },
    { id: "late", state: "queued", received: false, order: 5 },
    { id: "early", state: "sending", received: false, order: 2 },
    { id: "draft", state: "draft", order: 0 }, { id: "done", state: "accepted", received: true, order: 3 },
  ];
  assert.deepEqual(inOrder(items).map(({ item, part }) => `${item.id} ${part}`), ["early body", "late body", "photo photos"]);
});

test("a seal opens under its key and its label only", async () => {
  const key = await importKey(Buffer.alloc(32, 7).toString("base64"));
  const other = await importKey(Buffer.alloc(32, 8).toString("base64"));
  assert.equal(key.extractable, false);
  const sealed = await sealJson(key, { note: "王某家进水" }, "item:1");
  assert.ok(!Buffer.from(sealed.data).includes(Buffer.from("王某家进水")));
  assert.deepEqual(await unsealJson(key, sealed, "item:1"), { note: "王某家进水" });
  await assert.rejects(unsealJson(key, sealed, "item:2"));
  await assert.rejects(unsealJson(other, sealed, "item:1"));
  const twice = await Promise.all([seal(key, bytesOf("a"), "x"), seal(key, bytesOf("a"), "x")]);
  assert.notDeepEqual(twice[0].iv, twice[1].iv);
  assert.deepEqual(await unseal(key, twice[0], "x"), bytesOf("a"));
  assert.equal(await sha256(bytesOf("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("every kind proposes a level, disputes have none whatever was tapped", () => {
  assert.equal(KINDS.length, 8);
  assert.equal(levelFor(kindOf("fire")), 1);
  assert.equal(levelFor(kindOf("fire"), 3), 3);
  assert.equal(levelFor(kindOf("fire"), null), null);
  assert.equal(levelFor(kindOf("dispute"), 1), null);
  assert.equal(levelFor(null, 2), null);
});

test("a report says what the server asks for, and nothing that was left out", () => {
  const now = new Date("2026-06-19T14:32:00Z");
  const form = { kind: "waterlogging", place: { lon: 114.4, lat: 30.5, by: "gps", accuracy: 18, at: "x" }, note: "  " };
  const body = JSON.parse(bodyOf("i1", { form, place: "平安街19号", order: 4, photos: [], now }));
  assert.deepEqual(body, {
    id: "i1", category: "waterlogging", title: "积水内涝，平安街19号", level: 3,
    geometry: { type: "Point", coordinates: [114.4, 30.5] }, placed_by: "gps", accuracy_m: 18,
    device_time: "2026-06-19T14:32:00.000Z", device_sequence: 4,
  });
  const finger = { kind: "dispute", level: 1, note: "吵", place: { lon: 114.4, lat: 30.5, by: "finger" } };
  const other = JSON.parse(bodyOf("i1", { form: finger, place: "", order: 4, photos: [{ sha256: "aa" }], now }));
  assert.equal(other.level, null);
  assert.equal(other.note, "吵");
  assert.deepEqual(other.photos, ["aa"]);
  assert.ok(!("accuracy_m" in other));
  assert.deepEqual(lacking({}), ["类别", "位置"]);
  assert.equal(titleOf({ kind: "fire" }, "x".repeat(400)).length, 200);
});

test("what a file begins with says what it is", () => {
  assert.equal(typeOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)), "image/jpeg");
  assert.equal(typeOf(Uint8Array.of(0x89, 0x50, 0x4e, 0x47)), "image/png");
  assert.equal(typeOf(bytesOf("RIFF0000WEBP")), "image/webp");
  assert.equal(typeOf(bytesOf("<svg")), "");
});

const square = (x, y, side) => ({
  type: "Polygon", coordinates: [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]],
});

test("a warning concerns my grid when they share ground", () => {
  const mine = [{ geometry: square(0, 0, 1) }];
  const hazard = (shape, severity) => ({ geometry: shape, properties: { severity } });
  assert.ok(meet(square(0, 0, 1), square(0.5, 0.5, 3)));
  assert.ok(meet(square(0, 0, 1), square(0.2, 0.2, 0.1)), "inside");
  assert.ok(meet(square(0, 0, 1), square(-1, -1, 5)), "around");
  assert.ok(meet(square(0, 0, 1), { type: "Polygon", coordinates: [[[-1, 0.4], [2, 0.4], [2, 0.6], [-1, 0.6], [-1, 0.4]]] }), "across");
  assert.ok(!meet(square(0, 0, 1), square(1.1, 0, 1)));
  assert.ok(contains(square(0, 0, 1), [0.5, 0.5]));
  const found = concerning([hazard(square(5, 5, 1), "red"), hazard(square(0.5, 0, 1), "blue"), hazard(square(0, 0, 1), "orange")], mine);
  assert.deepEqual(found.map(({ properties }) => properties.severity), ["orange", "blue"]);
});

test("addresses are found as they are typed, and named by their house", () => {
  const homes = [
    { address: "平安街 19 号 1 单元 101 室", lon: 114.4, lat: 30.5 },
    { address: "平安街19号2单元202室", lon: 114.4, lat: 30.5 },
    { address: "和顺里3栋1单元402室", lon: 114.41, lat: 30.5 },
  ];
  assert.equal(house(homes[0].address), "平安街 19 号");
  assert.equal(house(homes[2].address), "和顺里3栋");
  assert.deepEqual(find(homes, "平安街１９").map(({ name }) => name), ["平安街 19 号"]);
  assert.equal(find(homes, "").length, 0);
  assert.equal(nearest(homes, [114.4001, 30.5]).address, homes[0].address);
  assert.equal(nearest(homes, [114.405, 30.5]), null);
  assert.ok(Math.abs(metres([114.4, 30.5], [114.4, 30.501]) - 111.2) < 0.5);
});

test("visits are walked in a short order, those without a place last", () => {
  const items = [3, 1, 2, 0].map((lon) => ({ id: lon, lon: lon / 1000, lat: 0 }));
  const order = walk([...items, { id: "lost" }], [0, 0]).items.map(({ id }) => id);
  assert.deepEqual(order, [0, 1, 2, 3, "lost"]);
  assert.deepEqual(walk([]), { items: [], metres: 0 });
  const visits = [{ id: 1, due_on: "2026-02-01" }, { id: 2, due_on: "2026-01-01" }, { id: 3, due_on: null }];
  const taken = [{ state: "queued", content: { visit: "1" } }, { state: "refused", content: { visit: "2" } }];
  assert.deepEqual(arranged(visits, taken, true).items.map(({ id }) => id), [2, 3]);
});

test("a visit sends what was asked, and nothing that was not touched", () => {
  const form = {
    fields: [
      { name: "people", value: 3, ask: true }, { name: "phone", value: "1", ask: false }, { name: "carer", value: null, ask: true },
    ],
    needs: [{ kind: "elderly", people: 1, ask: true }, { kind: "deaf", people: 1, ask: false }],
  };
  const answers = confirmed(form);
  assert.deepEqual(answersOf(form, answers), { fields: { people: 3 }, needs: [{ kind: "elderly", people: 1 }] });
  answers.fields.phone = "2";
  answers.needs.deaf = 0;
  answers.added.push({ kind: "oxygen", people: 1 });
  assert.deepEqual(answersOf(form, answers), {
    fields: { people: 3, phone: "2" },
    needs: [{ kind: "elderly", people: 1 }, { kind: "deaf", people: 0 }, { kind: "oxygen", people: 1 }],
  });
});
