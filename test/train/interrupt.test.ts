import assert from "node:assert/strict";
import { test } from "node:test";
import { interruptible } from "../../lib/train/interrupt";
import { nextTurn } from "../../lib/train/predict";
import { tinyTrainer } from "../support/training";

test("a first interrupt only asks to stop, a second one reaches whoever listened before", async () => {
  const heard: string[] = [];
  const other = (): void => void heard.push("other");
  process.on("SIGINT", other);
  try {
    const result = await interruptible(
      () => heard.push("stop"),
      async () => {
        process.emit("SIGINT", "SIGINT");
        heard.push("work");
        process.emit("SIGINT", "SIGINT");
        return 5;
      },
    );
    assert.deepEqual([result, heard], [5, ["stop", "work", "other"]]);
    assert.deepEqual(process.listeners("SIGINT"), [other]);
  } finally {
    process.removeListener("SIGINT", other);
  }
});

test("listeners are as before after work that fails", async () => {
  const before = process.listeners("SIGINT");
  const failing = interruptible(
    () => assert.fail("no interrupt came"),
    async () => {
      throw new Error("broken");
    },
  );
  await assert.rejects(failing, /broken/);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

test("a signal ends training after the step under way", async () => {
  const pressed = {
    onStepEnd: async ({ state }: { state: { globalStep: number } }) => {
      if (state.globalStep !== 2) return;
      process.kill(process.pid, "SIGINT");
      // A signal is delivered between two turns of the event loop.
      await nextTurn();
      await nextTurn();
    },
  };
  const output = await tinyTrainer({ outputDir: "unused" }, { callbacks: [pressed] }).train();
  assert.deepEqual([output.stopped, output.globalStep <= 3], [true, true]);
});

test("a signal ends an evaluation with an error, and its listeners are gone", async () => {
  const before = process.listeners("SIGINT");
  const counts: number[] = [];
  const pressed = {
    onPredictionStep: async ({ prediction }: { prediction?: { done: number } }) => {
      counts.push(prediction?.done ?? 0);
      process.kill(process.pid, "SIGINT");
      await nextTurn();
      await nextTurn();
    },
  };
  const args = { outputDir: "unused", perDeviceEvalBatchSize: 1 };
  const trainer = tinyTrainer(args, { callbacks: [pressed] });
  await assert.rejects(trainer.evaluate(), /^Error: Evaluation stopped after \d+ of \d+ rows\.$/);
  assert.equal(counts.length, 1);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

test("a signal in the evaluation of a training ends the training after it, with a result", async () => {
  let [sent, evaluated] = [false, 0];
  const pressed = {
    onPredictionStep: async ({ prediction }: { prediction?: { done: number; total: number } }) => {
      if (prediction?.done === prediction?.total) evaluated++;
      else if (!sent) {
        sent = true;
        process.kill(process.pid, "SIGINT");
      }
      await nextTurn();
      await nextTurn();
    },
  };
  const args = { outputDir: "unused", perDeviceEvalBatchSize: 1, evalStrategy: "steps" as const, evalSteps: 1 };
  const output = await tinyTrainer(args, { callbacks: [pressed] }).train();
  assert.deepEqual([output.stopped, output.globalStep, evaluated], [true, 1, 1]);
});
