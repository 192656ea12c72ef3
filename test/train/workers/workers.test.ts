import assert from "node:assert/strict";
import { cpSync, existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { freeAddresses } from "../../../lib/parallel/hosts";
import type { TrainingArguments } from "../../../lib/train/arguments";
import type { TrainerCallback } from "../../../lib/train/callbacks";
import { CallbackList } from "../../../lib/train/listeners";
import type { Trainer } from "../../../lib/train/trainer";
import { joinWorkers } from "../../../lib/train/workers/join";
import { temporaryFolder } from "../../support/folders";
import { checkpointBytes, goldenTrainer, modelWithDropout, tinyTrainer, withoutTimes } from "../../support/training";
import { listeningAddresses, workerProcesses } from "../../support/workers";

const KILLS = Number(process.env.KILLS ?? 1);

/** A checkpoint and an evaluation after every step of six: rows of eight a step, with dropout in all places. */
async function trainerFor(args: Partial<TrainingArguments>, callbacks: TrainerCallback[] = []): Promise<Trainer> {
  const outputDir = args.outputDir ?? temporaryFolder();
  const every = { evalStrategy: "steps", evalSteps: 1, saveStrategy: "steps", saveSteps: 1, loggingSteps: 1 } as const;
  const model = await modelWithDropout("roberta-head", temporaryFolder());
  return goldenTrainer(model, { ...every, ...args, outputDir }, { callbacks });
}

/** The run in one process, made once. */
let reference: Promise<Trainer> | undefined;
function inOneProcess(): Promise<Trainer> {
  reference ??= trainerFor({ gradientAccumulationSteps: 2 }).then(async (trainer) => {
    await trainer.train();
    return trainer;
  });
  return reference;
}

async function assertAsInOneProcess(trainer: Trainer): Promise<void> {
  const one = await inOneProcess();
  for (const step of [1, 6]) {
    const [own, other] = [trainer, one].map(({ args }) => checkpointBytes(join(args.outputDir, `checkpoint-${step}`)));
    assert.deepEqual(own, other, `checkpoint ${step}`);
  }
  const withoutSummary = withoutTimes(trainer.state.logHistory);
  assert.deepEqual(withoutSummary, withoutTimes(one.state.logHistory));
  assert.equal(existsSync(join(trainer.args.outputDir, ".workers")), false);
}

/** Calls a function in the middle of steps. */
class AtStep implements TrainerCallback {
  constructor(private readonly at: Map<number, () => unknown>) {}

  async onStepEnd({ state }: { state: { globalStep: number } }): Promise<void> {
    const act = this.at.get(state.globalStep);
    this.at.delete(state.globalStep);
    await act?.();
  }
}

test("two workers train and evaluate as one process with two accumulated passes, byte for byte, with dropout", async () => {
  const known = new Set(listeningAddresses());
  let listening: string[] = [];
  const look = new AtStep(new Map([[2, () => (listening = listeningAddresses().filter((port) => !known.has(port)))]]));
  const trainer = await trainerFor({ workers: 2 }, [look]);
  const { globalStep, stopped } = await trainer.train();
  assert.deepEqual([globalStep, stopped], [6, false]);
  await assertAsInOneProcess(trainer);
  assert.ok(listening.length >= 2, `${listening}`);
  // 127.0.0.1, alone or within an IPv6 address, in the order of a word's bytes.
  for (const address of listening) assert.match(address, /^(0000000000000000FFFF0000)?0100007F:/);
});

test("a worker that is killed, and strangers that talk to its port, change nothing in the result", async (context) => {
  const known = new Set(listeningAddresses());
  const strange = (): void => {
    for (const address of listeningAddresses().filter((port) => !known.has(port))) {
      const port = Number.parseInt(address.split(":")[1] ?? "", 16);
      const socket = connect(port, "127.0.0.1", () => socket.end("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nno such frame"));
      socket.on("error", () => {});
    }
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const step = 2 + Math.floor(Math.random() * 4);
    const worker = kill % 2;
    let killedAt = 0;
    const act = (): void => {
      killedAt = performance.now();
      process.kill(workerProcesses().get(worker) as number, "SIGKILL");
    };
    const starts: number[] = [];
    const noteStart: TrainerCallback = { onTrainBegin: () => void starts.push(performance.now()) };
    const trainer = await trainerFor({ workers: 2 }, [
      new AtStep(
        new Map([
          [1, strange],
          [step, act],
        ]),
      ),
      noteStart,
    ]);
    await trainer.train();
    assert.equal(starts.length, 2);
    const seconds = ((starts[1] as number) - killedAt) / 1000;
    context.diagnostic(`worker ${worker} killed after step ${step}; all trained again after ${seconds.toFixed(1)} s`);
    await assertAsInOneProcess(trainer);
  }
});

test("workers by their addresses get model, rows and checkpoint from the first, and a frozen one ends them all", async () => {
  const one = await inOneProcess();
  const hosts = await freeAddresses(2);
  const outputDir = temporaryFolder();
  cpSync(join(one.args.outputDir, "checkpoint-1"), join(outputDir, "checkpoint-1"), { recursive: true });
  const freeze = new AtStep(new Map([[4, () => process.kill(workerProcesses().get(1) as number, "SIGSTOP")]]));
  const timeout = 8;
  const trainer = await trainerFor({ workerHosts: hosts, workerTimeout: timeout, outputDir }, [freeze]);
  const joined = joinWorkers({ hosts, index: 1, timeout }).then(
    () => "done",
    (error: Error) => error.message,
  );
  await assert.rejects(trainer.train({ resumeFromCheckpoint: true }), /--resume --out FOLDER(.|\n)*--worker-index 1/);
  for (const [index, id] of workerProcesses()) if (index === 1) process.kill(id, "SIGKILL");
  assert.match(await joined, /worker 1 ended by SIGKILL/);
  const step = "checkpoint-3";
  assert.deepEqual(checkpointBytes(join(outputDir, step)), checkpointBytes(join(one.args.outputDir, step)));
});

test("a signal stops all workers after the same step, with a checkpoint", async () => {
  const stop = new AbortController();
  const args = { outputDir: temporaryFolder(), workers: 2, saveStrategy: "epoch", numTrainEpochs: 20 } as const;
  const callbacks = [new AtStep(new Map([[3, () => stop.abort()]]))];
  const { stopped, globalStep } = await tinyTrainer(args, { signal: stop.signal, callbacks }).train();
  assert.deepEqual([stopped, globalStep], [true, 3]);
  assert.ok(existsSync(join(args.outputDir, "checkpoint-3")));
});

test("an error in a metric ends the training with that error, and nothing is started again", async () => {
  let calls = 0;
  const computeMetrics = (): never => {
    calls++;
    throw new Error("my metric is broken");
  };
  const args = { outputDir: temporaryFolder(), workers: 2, evalStrategy: "epoch" } as const;
  await assert.rejects(tinyTrainer(args, { computeMetrics }).train(), /my metric is broken/);
  assert.equal(calls, 1);
  assert.equal(workerProcesses().size, 0);
});

test("what a machine cannot do, and addresses that are none, are refused before anything is started", async () => {
  const fails = (args: Partial<TrainingArguments>): Promise<unknown> =>
    tinyTrainer({ outputDir: temporaryFolder(), ...args }).train();
  await assert.rejects(
    fails({ workers: 1000 }),
    /`workers`: expected at most \d+, the cores of this machine, got 1000/,
  );
  await assert.rejects(async () => fails({ workerHosts: ["a:1"] }), /`workerHosts`: expected the addresses of two/);
  await assert.rejects(
    async () => fails({ workerHosts: ["a:1", "b"] }),
    /`workerHosts`: expected a host and a port as a:2222, got b/,
  );
  await assert.rejects(async () => fails({ workerHosts: ["a:1", "a:1"] }), /got a:1 twice/);
  await assert.rejects(async () => fails({ workerTimeout: 0 }), /`workerTimeout`: expected a positive number/);
  await assert.rejects(joinWorkers({ hosts: ["a:1", "b:1"], index: 2 }), /`workerIndex`: expected 0 to 1/);
  await assert.rejects(joinWorkers({ hosts: ["a:1", "b:1"], index: 0 }), /`index`: expected 1 or more, got 0/);
});

test("what callbacks keep goes into checkpoints under their own names, from wherever they are", () => {
  class Counter implements TrainerCallback {
    count = 3;
    saveState = () => ({ count: this.count });
    loadState(state: Record<string, unknown>): void {
      this.count = state.count as number;
    }
  }
  const [first, second] = [new Counter(), new Counter()];
  first.count = 7;
  const states = new CallbackList([first]).states();
  assert.deepEqual(states, { Counter: { count: 7 } });
  new CallbackList([second]).restore(states);
  assert.equal(second.count, 7);
});
