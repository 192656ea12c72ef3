import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/tensor/tensorflow";
import { LossWindow } from "../../lib/train/loss-window";
import { assertNothingKept } from "../support/memory";

function add(window: LossWindow, ...losses: number[]): void {
  for (const loss of losses) window.add(tf.scalar(loss), tf.scalar(10 * loss));
}

test("a window has the losses since it started, and the total all of them", async () => {
  await assertNothingKept(() => {
    const window = new LossWindow();
    add(window, 1, 2);
    assert.deepEqual(window.sums(), { window: 3, windowSteps: 2, total: 3, gradNorm: 20 });
    window.restart();
    add(window, 0.5);
    assert.deepEqual(window.sums(), { window: 0.5, windowSteps: 1, total: 3.5, gradNorm: 5 });
    add(window, 4);
    window.dispose();
  });
});

test("sums do not depend on when they are read, and go on from saved ones", () => {
  const losses = Array.from({ length: 50 }, (_, i) => 1 / (i + 3));
  const [once, often] = [new LossWindow(), new LossWindow()];
  add(once, ...losses);
  for (const loss of losses.slice(0, 20)) {
    add(often, loss);
    often.sums();
  }
  const resumed = new LossWindow(JSON.parse(JSON.stringify(often.sums())));
  add(resumed, ...losses.slice(20));
  assert.deepEqual(resumed.sums(), once.sums());
});

test("a step's loss and norm can be read after they were added, however many wait", () => {
  const window = new LossWindow();
  for (let i = 0; i < 2001; i++) {
    const [loss, norm] = [tf.scalar(i), tf.scalar(-i)];
    window.add(loss, norm);
    assert.deepEqual([loss.isDisposed, norm.isDisposed], [false, false]);
  }
  window.dispose();
});

test("more losses than may wait on the device are read in between", () => {
  const window = new LossWindow();
  add(window, ...Array<number>(2500).fill(1));
  assert.deepEqual(window.sums(), { window: 2500, windowSteps: 2500, total: 2500, gradNorm: 10 });
});
