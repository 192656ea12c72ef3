import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../../lib/data/dataset";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import type { TrainerCallback } from "../../../lib/train/callbacks";
import { LeakGuard } from "../../../lib/train/guards/leaks";
import { TINY_ROWS } from "../../support/tiny";
import { tinyTrainer } from "../../support/training";

/** Trains for 150 steps. @returns what was warned of */
async function warningsOf(warn: { mock: { calls: { arguments: unknown[] }[] } }, callback?: TrainerCallback) {
  const args = { outputDir: "unused", maxSteps: 150, loggingSteps: 1000, evalStrategy: "steps", evalSteps: 7 } as const;
  const callbacks = callback ? [callback] : [];
  await tinyTrainer(args, { callbacks, trainDataset: Dataset.fromRows(TINY_ROWS) }).train();
  return warn.mock.calls.map(({ arguments: [text] }) => String(text));
}

test("a callback that leaves a tensor behind after each step is warned of once", async (t) => {
  const left: Tensor[] = [];
  const warn = t.mock.method(console, "warn", () => {});
  const warnings = await warningsOf(warn, { onStepEnd: () => void left.push(tf.scalar(1)) });
  tf.dispose(left);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^step 125: expected as many tensors after each step, got 100 more in 100 steps \(/);
});

test("a run that frees what it makes is not warned of, though its losses wait to be read", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const callback = { onStepEnd: () => tf.tidy(() => void tf.scalar(1)) };
  assert.deepEqual(await warningsOf(warn, callback), []);
});

test("tensors that pile up and are freed again are no leak, nor is growth that comes to an end", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const [saw, start] = [new LeakGuard(), new LeakGuard()];
  for (let step = 1; step <= 1000; step++) {
    saw.note(step, 100 + (step % 90));
    start.note(step, 100 + Math.min(step, 75));
  }
  assert.equal(warn.mock.callCount(), 0);
});
