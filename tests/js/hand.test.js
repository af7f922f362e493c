// A tap is not lost because news came between press and release.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hand } from "../../static/js/core/hand.js";

function world() {
  const timers = new Map();
  const listeners = new Map();
  let made = 0;
  const hand = new Hand({
    later: (ms, run) => { timers.set(++made, { ms, run }); return made; },
    never: (timer) => timers.delete(timer),
  }).watch({ addEventListener: (name, run) => listeners.set(name, run) });
  return {
    hand,
    does: (name) => listeners.get(name)(),
    pass: (ms) => [...timers].filter(([, timer]) => timer.ms <= ms).forEach(([id, { run }]) => { timers.delete(id); run(); }),
  };
}

test("news waits for the click and is drawn once after it", async () => {
  const { hand, does, pass } = world();
  const drawn = [];
  const draw = hand.free(() => drawn.push("news"));
  draw();
  assert.equal(drawn.length, 1);
  does("pointerdown");
  draw();
  draw();
  does("pointerup");
  pass(0);
  assert.equal(drawn.length, 1); // the click comes a moment after the finger
  does("click");
  assert.equal(drawn.length, 1);
  pass(0);
  await null;
  assert.equal(drawn.length, 2);
});

test("what the click itself draws does not wait", () => {
  const { hand, does } = world();
  const drawn = [];
  does("pointerdown");
  does("pointerup");
  does("click");
  hand.free(() => drawn.push("own"))();
  assert.deepEqual(drawn, ["own"]);
});

test("a finger that drags, or rests, does not hold news for ever", async () => {
  const { hand, does, pass } = world();
  const drawn = [];
  const draw = hand.free(() => drawn.push(1));
  does("pointerdown");
  draw();
  does("pointercancel");
  pass(350);
  await null;
  assert.equal(drawn.length, 1);
  does("pointerdown");
  const gone = hand.gone().then(() => drawn.push(2));
  pass(9_999);
  assert.equal(drawn.length, 1);
  pass(10_000);
  await gone;
  assert.deepEqual(drawn, [1, 2]);
});
