import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { inspect } from "node:util";
import { compareRuns } from "../../lib/report/compare-runs";
import { LogReader } from "../../lib/runs/log";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import type { SweepResult } from "../../lib/sweep/result";
import { sweep } from "../../lib/sweep/sweep";
import type { TrainerEvent } from "../../lib/train/callbacks";
import { killAndResume } from "../../scripts/checks/killed-run";
import { temporaryFolder } from "../support/folders";
import { assertNothingKept } from "../support/memory";
import { pressStop } from "../support/signals";
import { smallSweep } from "../support/sweep";

/** The sweep that nothing disturbs; the others are held against it. */
const whole = temporaryFolder();
let expected: SweepResult;

before(async () => {
  expected = await assertNothingKept(() => sweep(smallSweep(whole)));
});

/** What of a trial does not depend on time and place. */
function outcome({ trials }: SweepResult): object[] {
  return trials.map(({ point, metrics: { baseline, final, trainLoss, tokens, steps, rank, alpha } }) => ({
    ...{ point, baseline, final, trainLoss, tokens, steps, rank, alpha },
  }));
}

test("each trial has its own folder with its parameters, log, adapter and the whole of metrics.json", () => {
  assert.deepEqual(
    expected.trials.map(({ point }) => point),
    [{ rank: 2 }, { rank: 4 }],
  );
  for (const { folder, metrics } of expected.trials) {
    assert.deepEqual(readdirSync(folder).sort(), ["adapter", "log.jsonl", "metrics.json", "trial.json"]);
    const written = JSON.parse(readFileSync(join(folder, "metrics.json"), "utf8")) as RunMetrics;
    assert.deepEqual(missingMetrics({ ...written }), []);
    assert.deepEqual(written, metrics);
    assert.equal(JSON.parse(readFileSync(join(folder, "trial.json"), "utf8")).rank, metrics.rank);
    assert.deepEqual([metrics.steps, metrics.alpha, metrics.demo, metrics.learningRate], [6, 16, true, 2e-3]);
  }
  const [two, four] = expected.trials.map(({ metrics }) => metrics);
  assert.equal(four?.trainableParameters, 2 * (two?.trainableParameters ?? 0));
  assert.deepEqual(two?.baseline, four?.baseline);
  assert.notEqual(two?.final.loss, four?.final.loss);
});

test("the result is a table, the best first, and its trials can be compared as runs", () => {
  const losses = expected.rows.map(({ accuracy, loss }) => [-(accuracy as number), loss as number]);
  assert.deepEqual(
    losses,
    [...losses].sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d),
  );
  assert.equal(expected.best?.metrics.final.accuracy, expected.rows[0]?.accuracy);
  assert.deepEqual(expected.toDataFrame().columns, Object.keys(expected.rows[0] ?? {}));
  assert.match(inspect(expected), /^SweepResult\(2 trials, best \{ rank: \d \} with accuracy/);
  const runs = compareRuns(whole);
  assert.deepEqual(
    runs.rows.map(({ accuracy }) => accuracy),
    expected.rows.map(({ accuracy }) => accuracy),
  );
  assert.ok(runs.runs.every(({ log }) => log.some(({ loss }) => loss !== undefined)));
});

test("a finished sweep is read, not trained again", async () => {
  let trained = 0;
  const again = await sweep({ ...smallSweep(whole), listener: { trainer: { onStepEnd: () => void trained++ } } });
  assert.equal(trained, 0);
  assert.deepEqual(outcome(again), outcome(expected));
});

test("a folder with trials of other parameters is refused, and left as it is", async () => {
  const { parameters, ...rest } = smallSweep(whole);
  await assert.rejects(
    sweep({ ...rest, parameters: { ...parameters, epochs: 2 } }),
    /trial\.json: `epochs`: expected as the trial was started \(1\), got 2/,
  );
  assert.ok(existsSync(join(whole, "rank-2", "metrics.json")));
});

test("a sweep that is interrupted ends with what it has, and goes on to the same results", async () => {
  const out = temporaryFolder();
  const starts: number[] = [];
  const stopAt = (
    step: number,
  ): { trainer: { onStepEnd(event: TrainerEvent): Promise<void>; onTrainBegin(event: TrainerEvent): void } } => ({
    trainer: {
      onTrainBegin: ({ state }) => void starts.push(state.globalStep),
      onStepEnd: async ({ state }) => {
        if (state.globalStep === step && starts.length === 2) await pressStop();
      },
    },
  });
  const part = await sweep({ ...smallSweep(out), listener: stopAt(3) });
  assert.deepEqual([part.stopped, part.trials.length], [true, 1]);
  const rest = await sweep({ ...smallSweep(out), listener: stopAt(-1) });
  assert.equal(rest.stopped, false);
  assert.deepEqual(outcome(rest), outcome(expected));
  assert.equal(starts.length, 3);
  assert.ok((starts[2] as number) >= 3, "the cut-off trial goes on from its checkpoint");
});

test("an interrupt in a trial's last evaluation, too late for its training, ends the sweep after the trial", async () => {
  const out = temporaryFolder();
  const listeners = process.listenerCount("SIGINT");
  const part = await sweep({
    ...smallSweep(out),
    listener: {
      trainer: {
        onEvaluate: async ({ state }) => {
          if (state.maxSteps > 0) await pressStop();
        },
      },
    },
  });
  assert.deepEqual([part.stopped, part.trials.length], [true, 1]);
  assert.equal(process.listenerCount("SIGINT"), listeners);
});

test("an interrupt in the evaluation before training ends the sweep there, and it goes on to the same results", async () => {
  const out = temporaryFolder();
  let packs = 0;
  const onPredictionStep = async (): Promise<void> => {
    packs++;
    await pressStop();
  };
  const part = await sweep({ ...smallSweep(out), listener: { trainer: { onPredictionStep } } });
  assert.deepEqual([part.stopped, part.trials.length, packs], [true, 0, 1]);
  assert.deepEqual(outcome(await sweep(smallSweep(out))), outcome(expected));
});

test("a signal of the caller's ends a sweep as SIGINT does", async () => {
  const stop = new AbortController();
  const listener = { onTrialEnd: () => stop.abort() };
  const part = await sweep({ ...smallSweep(temporaryFolder()), listener, signal: stop.signal });
  assert.deepEqual([part.stopped, part.trials.length], [true, 1]);
});

test("a sweep that is killed goes on where it was: finished trials are read, the cut-off one goes on from its checkpoint", async () => {
  const out = temporaryFolder();
  const command = ["--import", "tsx", join(__dirname, "../support/sweep-child.ts"), out];
  const [first, cutOff] = ["rank-2", "rank-4"].map((trial) => join(out, trial, "log.jsonl")) as [string, string];
  const run = {
    log: cutOff,
    start: (isKilled: boolean) =>
      spawn(process.execPath, [...command, ...(isKilled ? ["rank-4"] : [])], { stdio: ["ignore", "ignore", "pipe"] }),
  };
  const starts = await killAndResume(run, [{ step: 4, delay: 0 }]);
  assert.equal(starts[0], 0);
  assert.ok((starts[1] as number) >= 3, `went on from step ${starts[1]}`);
  const begun = new LogReader(first).read().filter(({ event }) => event === "trainBegin");
  assert.equal(begun.length, 1, "the first trial is not trained again");
  assert.deepEqual(outcome(await sweep(smallSweep(out))), outcome(expected));
});

test("a trial that is cut off after its last step has the seconds and the speed of all its steps", async () => {
  const options = { ...smallSweep(temporaryFolder()), grid: { rank: [2] } };
  const slow = {
    onStepEnd: () => new Promise<void>((resolve) => setTimeout(resolve, 50)),
    onEvaluate: ({ state }: TrainerEvent) => {
      if (state.globalStep === 6) throw new Error("cut off");
    },
  };
  await assert.rejects(sweep({ ...options, listener: { trainer: slow } }), /cut off/);
  const [trial] = (await sweep(options)).trials;
  const { trainSeconds = 0, tokens = 0, tokensPerSecond } = trial?.metrics ?? {};
  assert.ok(trainSeconds > 0.29, `${trainSeconds}`);
  assert.ok(Math.abs((tokensPerSecond ?? 0) - tokens / trainSeconds) < 1e-9);
});

test("with `overwrite` trials of other parameters are replaced, and the others kept", async () => {
  const out = temporaryFolder();
  const { parameters, ...rest } = { ...smallSweep(out), grid: { rank: [2] } };
  await sweep({ ...rest, parameters: { ...parameters, trainLimit: 8 } });
  const [trial] = (await sweep({ ...rest, parameters: parameters ?? {}, overwrite: true })).trials;
  assert.deepEqual(trial?.metrics.final, expected.trials[0]?.metrics.final);
});

test("a trial is replaced only when its successor begins, not by a sweep that is refused or ends before", async () => {
  const out = temporaryFolder();
  const { parameters, ...rest } = smallSweep(out);
  await sweep({ ...rest, parameters: { ...parameters, trainLimit: 8 } });
  const finished = ["rank-2", "rank-4"].map((name) => readFileSync(join(out, name, "metrics.json"), "utf8"));
  const now = (): string[] => ["rank-2", "rank-4"].map((name) => readFileSync(join(out, name, "metrics.json"), "utf8"));

  const misspelt = { ...parameters, trainSplit: "trian" };
  await assert.rejects(sweep({ ...rest, parameters: misspelt, overwrite: true }), /trian/);
  const impossible = { ...rest, grid: { rank: [2, 4] }, parameters: { ...parameters, targetModules: ["nowhere"] } };
  await assert.rejects(sweep({ ...impossible, overwrite: true }), /nowhere/);
  assert.deepEqual(now(), finished);

  const listener = { trainer: { onTrainBegin: pressStop } };
  const part = await sweep({ ...rest, parameters: parameters ?? {}, overwrite: true, listener });
  assert.deepEqual([part.stopped, part.trials.length], [true, 0]);
  assert.deepEqual(readdirSync(out).sort(), ["rank-2", "rank-4"]);
  assert.equal(existsSync(join(out, "rank-2", "metrics.json")), false);
  assert.equal(readFileSync(join(out, "rank-4", "metrics.json"), "utf8"), finished[1]);
  const all = await sweep({ ...rest, parameters: parameters ?? {}, overwrite: true });
  assert.deepEqual(outcome(all), outcome(expected));
});

test("a trial whose metrics were lost is trained again, with the same result", async () => {
  const out = temporaryFolder();
  const options = { ...smallSweep(out), grid: { rank: [2] } };
  await sweep(options);
  rmSync(join(out, "rank-2", "metrics.json"));
  const [again] = (await sweep(options)).trials;
  assert.deepEqual(again?.metrics.final, expected.trials[0]?.metrics.final);
});

test("a trial's result and its adapter are those of the best checkpoint, not of the last", async () => {
  const saved = new Map<number, Buffer>();
  const weights = "adapter_model.safetensors";
  const onSave = ({ args, state: { globalStep } }: TrainerEvent): void => {
    saved.set(globalStep, readFileSync(join(args.outputDir, `checkpoint-${globalStep}`, weights)));
  };
  // With a rate this high the later epochs spoil what the first has learned.
  const parameters = { ...smallSweep("").parameters, epochs: 3, learningRate: 0.02 };
  const listener = { trainer: { onSave } };
  const [trial] = (await sweep({ grid: { rank: [2] }, out: temporaryFolder(), parameters, listener })).trials;
  const { folder, metrics } = trial ?? assert.fail();
  const lines = new LogReader(join(folder, "log.jsonl")).read().filter(({ event }) => event === "evaluate");
  const evaluations = lines.map(({ step, metrics }) => ({ step, loss: Number(metrics?.evalLoss) }));
  const [best, ...others] = evaluations.sort((a, b) => a.loss - b.loss);
  assert.equal(others.length, 2);
  assert.ok(best && best.step < 18, "the last evaluation is not the best one");
  assert.equal(metrics.final.loss, best.loss);
  assert.equal(metrics.bestCheckpoint, null, "a trial keeps no checkpoints");
  assert.deepEqual(readFileSync(join(folder, "adapter", weights)), saved.get(best.step));
});
