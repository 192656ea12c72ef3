import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { DropoutStream } from "../../lib/runtime/dropout";
import { nodeBackend } from "../../lib/runtime/raw-op";
import { tf } from "../../lib/runtime/tensorflow";
import { trainingArguments } from "../../lib/train/arguments";
import { Optimizer } from "../../lib/train/optimizer";
import { computeGradients, trainStep } from "../../lib/train/train-step";
import { assertClose } from "../support/golden";
import { TINY_ROWS, tinyModel } from "../support/tiny";

// The way of computing that a GPU gets, on whatever this machine has.
before(() => {
  process.env.ETHICS_GPU_PATH = "on";
});
after(() => {
  delete process.env.ETHICS_GPU_PATH;
});

/** Counts calls into TensorFlow while `work` runs. */
function callsOf(work: () => void): { executeOp: number; tensorDataSync: number; tensorData: number } {
  const backend = nodeBackend();
  const { binding } = backend;
  const counts = { executeOp: 0, tensorDataSync: 0, tensorData: 0 };
  const members = binding as unknown as Record<string, (...args: unknown[]) => unknown>;
  const counting = Object.fromEntries(
    (Object.keys(counts) as (keyof typeof counts)[]).map((name) => [
      name,
      {
        value: (...args: unknown[]) => {
          counts[name]++;
          return members[name]?.(...args);
        },
      },
    ]),
  );
  backend.binding = Object.create(binding, counting);
  try {
    work();
  } finally {
    backend.binding = binding;
  }
  return counts;
}

const rates = { hidden_dropout_prob: 0.1, attention_probs_dropout_prob: 0.1 };

test("a step of a 24-layer model takes at most 3,000 operations, whatever the batch, and waits for no result", () => {
  // The number of operations depends on the layers and on what is adapted, not on their sizes.
  const model = getPeftModel(
    tinyModel({ ...rates, num_hidden_layers: 24, hidden_size: 64 }),
    new LoraConfig({ r: 8, taskType: "SEQ_CLS" }),
  );
  for (const optim of ["adamw", "adamw_8bit"] as const) {
    const args = trainingArguments({ outputDir: ".", optim });
    const optimizer = new Optimizer(model.trainableParameters(), args);
    const counts = [1, 2, 5].map((size) =>
      callsOf(() => {
        const rows = TINY_ROWS.slice(0, size);
        tf.dispose(trainStep({ model, optimizer, rows, learningRate: 1e-4, maxGradNorm: 1, seed: 1, step: 0 }));
      }),
    );
    for (const { executeOp, tensorDataSync, tensorData } of counts) {
      assert.equal(executeOp, counts[0]?.executeOp, optim);
      assert.ok(executeOp <= 3000, `${optim}: ${executeOp} operations`);
      assert.deepEqual([tensorDataSync, tensorData], [0, 0]);
    }
    optimizer.dispose();
  }
});

test("its loss and gradients are those of the path for processors", () => {
  const model = getPeftModel(tinyModel({ num_hidden_layers: 3 }), new LoraConfig({ r: 2, initLoraWeights: false }));
  const run = (): number[][] => {
    const { loss, gradients } = computeGradients(model, TINY_ROWS);
    const values = [loss, ...gradients.values()].map((tensor) => [...tensor.dataSync()]);
    tf.dispose([loss, ...gradients.values()]);
    return values;
  };
  const few = run();
  delete process.env.ETHICS_GPU_PATH;
  const many = run();
  process.env.ETHICS_GPU_PATH = "on";
  few.forEach((values, i) => {
    assertClose(values, many[i] as number[], { absolute: 1e-6, relative: 1e-4 }, `gradient ${i}`);
  });
});

test("its dropout draws the same masks in the backward pass, and other ones in another step", () => {
  const model = getPeftModel(tinyModel(rates), new LoraConfig({ r: 2, initLoraWeights: false }));
  const run = (step: number): number[] => {
    const { loss, gradients } = computeGradients(model, TINY_ROWS, { dropout: new DropoutStream(1, step) });
    const values = [loss, ...gradients.values()].flatMap((tensor) => [...tensor.dataSync()]);
    tf.dispose([loss, ...gradients.values()]);
    return values;
  };
  assert.deepEqual(run(0), run(0));
  assert.notDeepEqual(run(0), run(1));
});
