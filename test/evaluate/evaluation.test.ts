import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluateRows } from "../../lib/evaluate/evaluation";
import { rowCrossEntropy } from "../../lib/evaluate/loss";
import { assertClose } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_ROWS, tinyModel } from "../support/tiny";

test("the loss is a mean over rows, whatever the batch size, and progress reaches all rows", async () => {
  const model = tinyModel();
  const losses: number[] = [];
  for (const batchSize of [1, 2, 5]) {
    const done: number[] = [];
    const { predictions, labels, loss, metrics } = await assertNothingKept(() =>
      evaluateRows(model, TINY_ROWS, {
        batchSize,
        computeMetrics: (prediction) => ({ rows: prediction.predictions.length }),
        onProgress: async (rows) => void done.push(rows),
      }),
    );
    const rows = predictions.map((logits, i) => rowCrossEntropy(logits, labels[i] as number));
    assertClose(loss, rows.reduce((sum, value) => sum + value, 0) / 5, { absolute: 1e-12 });
    assert.deepEqual([labels, metrics, done.at(-1)], [TINY_ROWS.map(({ label }) => label), { rows: 5 }, 5]);
    losses.push(loss);
  }
  assertClose(losses, Array<number>(3).fill(losses[0] as number), { absolute: 1e-6 });
});

test("without a metric function there are no metrics", async () => {
  const options = { batchSize: 2, computeMetrics: undefined, onProgress: async () => undefined };
  assert.deepEqual((await evaluateRows(tinyModel(), TINY_ROWS, options)).metrics, {});
});
