import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { predictLogits } from "../../lib/evaluate/predict";
import { interruptible } from "../../lib/process/interrupt";
import { runEvaluation } from "../../lib/runs/metrics";
import { temporaryFolder } from "../support/folders";
import { pressStop } from "../support/signals";
import { TINY_ROWS, tinyModel } from "../support/tiny";
import { checkpointBytes, tinyTrainer, withoutTimes } from "../support/training";

test("a first interrupt only asks to stop, a second one reaches whoever listened before", async () => {
  const heard: string[] = [];
  const other = (): void => void heard.push("other");
  process.on("SIGINT", other);
  try {
    const result = await interruptible(async (signal) => {
      signal.addEventListener("abort", () => heard.push("stop"));
      process.emit("SIGINT", "SIGINT");
      heard.push("work");
      await pause(350);
      process.emit("SIGINT", "SIGINT");
      return 5;
    });
    assert.deepEqual([result, heard], [5, ["stop", "work", "other"]]);
    assert.deepEqual(process.listeners("SIGINT"), [other]);
  } finally {
    process.removeListener("SIGINT", other);
  }
});

test("signals that arrive within 300 ms are one press, also when the work ends in between", async () => {
  let heard = 0;
  const other = (): void => void heard++;
  process.on("SIGINT", other);
  try {
    let twin = Promise.resolve(true);
    await interruptible(async (signal) => {
      process.emit("SIGINT", "SIGINT");
      process.emit("SIGINT", "SIGINT");
      assert.equal(signal.aborted, true);
      twin = pause(150).then(() => process.emit("SIGINT", "SIGINT"));
    });
    await twin;
    assert.equal(heard, 0);
    process.emit("SIGINT", "SIGINT");
    assert.equal(heard, 1);
  } finally {
    process.removeListener("SIGINT", other);
  }
});

test("listeners are as before after work that fails", async () => {
  const before = process.listeners("SIGINT");
  const failing = interruptible(async () => {
    throw new Error("broken");
  });
  await assert.rejects(failing, /broken/);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

test("work inside of other work is stopped by the signal that it is handed, and by SIGINT through that alone", async () => {
  const stopped = await interruptible(async (outer) => {
    const listeners = process.listenerCount("SIGINT");
    const states = interruptible(async (handed) => {
      return interruptible(async (own) => {
        assert.equal(process.listenerCount("SIGINT"), listeners);
        process.emit("SIGINT", "SIGINT");
        return [outer.aborted, handed.aborted, own.aborted];
      });
    }, outer);
    return states;
  });
  assert.deepEqual(stopped, [true, true, false]);
});

test("a signal of the caller's stops the work beside SIGINT", async () => {
  const [mine, other] = [new AbortController(), new AbortController()];
  const aborted = (press: () => unknown, { signal }: AbortController): Promise<boolean> =>
    interruptible(async (stop) => {
      press();
      return stop.aborted;
    }, signal);
  assert.equal(await aborted(() => mine.abort(), mine), true);
  assert.equal(await aborted(() => process.emit("SIGINT", "SIGINT"), other), true);
  assert.equal(await aborted(() => {}, other), false);
  assert.equal(other.signal.aborted, false);
});

test("a signal ends training after the step under way", async () => {
  const pressed = {
    onStepEnd: async ({ state }: { state: { globalStep: number } }) => {
      if (state.globalStep === 2) await pressStop();
    },
  };
  const output = await tinyTrainer({ outputDir: "unused" }, { callbacks: [pressed] }).train();
  assert.deepEqual([output.stopped, output.globalStep], [true, 2]);
});

test("a training that is stopped before its first step makes none and writes no checkpoint", async () => {
  const outputDir = temporaryFolder();
  const trainer = tinyTrainer({ outputDir, saveStrategy: "epoch" }, { callbacks: [{ onTrainBegin: pressStop }] });
  const output = await trainer.train();
  assert.deepEqual([output.stopped, output.globalStep, readdirSync(outputDir)], [true, 0, []]);
});

test("a Trainer's own signal ends its training with a checkpoint, and its evaluation with an error", async () => {
  const stop = new AbortController();
  const onStepEnd = ({ state }: { state: { globalStep: number } }): void => {
    if (state.globalStep === 2) stop.abort();
  };
  const outputDir = temporaryFolder();
  const args = { outputDir, saveStrategy: "epoch", perDeviceEvalBatchSize: 1 } as const;
  const trainer = tinyTrainer(args, { callbacks: [{ onStepEnd }], signal: stop.signal });
  const output = await trainer.train();
  assert.deepEqual([output.stopped, output.globalStep, readdirSync(outputDir)], [true, 2, ["checkpoint-2"]]);
  await assert.rejects(trainer.evaluate(), /^Error: Evaluation stopped after 1 of 5 rows\.$/);
});

test("a signal ends an evaluation with an error, and its listeners are gone", async () => {
  const before = process.listeners("SIGINT");
  const counts: number[] = [];
  const pressed = {
    onPredictionStep: async ({ prediction }: { prediction?: { done: number } }) => {
      counts.push(prediction?.done ?? 0);
      await pressStop();
    },
  };
  const args = { outputDir: "unused", perDeviceEvalBatchSize: 1 };
  const trainer = tinyTrainer(args, { callbacks: [pressed] });
  await assert.rejects(trainer.evaluate(), /^Error: Evaluation stopped after \d+ of \d+ rows\.$/);
  assert.equal(counts.length, 1);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

test("a signal ends a prediction outside of training and evaluation", async () => {
  const before = process.listeners("SIGINT");
  const pressed = { rows: 1, onProgress: pressStop };
  await assert.rejects(predictLogits(tinyModel(), TINY_ROWS, pressed), /^Error: Evaluation stopped after 1 of 5 rows/);
  assert.deepEqual(process.listeners("SIGINT"), before);
});

/** Sends a signal in the n-th evaluation of a training, at its beginning or at its end. */
function pressedInEvaluation(n: number, at: "beginning" | "end") {
  let evaluations = 0;
  let isNew = true;
  return {
    onPredictionStep: async ({ prediction }: { prediction?: { done: number; total: number } }) => {
      const isEnd = prediction?.done === prediction?.total;
      if (isNew) evaluations++;
      if (evaluations === n && (at === "end" ? isEnd : isNew)) await pressStop();
      isNew = isEnd;
    },
  };
}

const EPOCHS = { saveStrategy: "epoch", evalStrategy: "epoch", perDeviceEvalBatchSize: 1 } as const;
const STEPS = { ...EPOCHS, saveStrategy: "steps", evalStrategy: "steps", evalSteps: 2, saveSteps: 2 } as const;

for (const [what, options, n, step] of [
  ["the evaluation of an epoch", EPOCHS, 1, 3],
  ["the last evaluation", EPOCHS, 2, 6],
  ["an evaluation between two epochs", STEPS, 1, 2],
] as const) {
  test(`a signal in ${what} ends the training with a checkpoint, and resumed it is as if it never was`, async () => {
    const [outputDir, other] = [temporaryFolder(), temporaryFolder()];
    // The evaluation that is interrupted is the best one.
    const best = (evaluation: number) => () => ({ accuracy: 1 / (1 + Math.abs(evaluation - counted++)) });
    let counted = 0;
    const args = { ...options, loadBestModelAtEnd: true, metricForBestModel: "accuracy" };
    const whole = tinyTrainer({ outputDir: other, ...args }, { computeMetrics: best(n - 1) });
    await whole.train();

    counted = 0;
    const callbacks = [pressedInEvaluation(n, "beginning")];
    const first = tinyTrainer({ outputDir, ...args }, { callbacks, computeMetrics: best(n - 1) });
    const output = await first.train();
    assert.deepEqual([output.globalStep, output.stopped, counted], [step, true, n - 1]);
    const resumed = tinyTrainer({ outputDir, ...args }, { computeMetrics: best(n - 1) });
    assert.equal((await resumed.train({ resumeFromCheckpoint: true })).stopped, false);
    assert.deepEqual(readdirSync(outputDir), readdirSync(other));
    assert.deepEqual(withoutTimes(resumed.state.logHistory), withoutTimes(whole.state.logHistory));
    assert.equal(resumed.state.bestGlobalStep, step);
    assert.equal(basename(resumed.state.loadedCheckpoint ?? ""), `checkpoint-${step}`);
    for (const name of readdirSync(outputDir)) {
      assert.deepEqual(checkpointBytes(join(outputDir, name)), checkpointBytes(join(other, name)), name);
    }
  });
}

for (const [what, n, steps, loaded] of [
  ["before its end keeps what it has learned so far", 1, 3, false],
  ["in its last evaluation has come to its end: the best model is loaded", 2, 6, true],
] as const) {
  test(`a training stopped ${what}, and its figures are that model's`, async () => {
    const options = { saveStrategy: "epoch", evalStrategy: "epoch", loadBestModelAtEnd: true } as const;
    // The first evaluation is the best one.
    let evaluations = 0;
    const computeMetrics = () => ({ accuracy: 1 / ++evaluations });
    const args = { outputDir: temporaryFolder(), ...options, metricForBestModel: "accuracy" };
    const trainer = tinyTrainer(args, { callbacks: [pressedInEvaluation(n, "end")], computeMetrics });
    const output = await trainer.train();
    assert.deepEqual([output.globalStep, output.stopped], [steps, !loaded]);
    const { loadedCheckpoint, bestModelCheckpoint, bestGlobalStep } = trainer.state;
    assert.equal(bestGlobalStep, 3);
    assert.equal(loadedCheckpoint, loaded ? bestModelCheckpoint : undefined);
    const now = await trainer.evaluate();
    assert.equal(runEvaluation(trainer.state).loss, now.evalLoss);
  });
}
