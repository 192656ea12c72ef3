/** One measured run, as one JSON line with the keys of `scripts/peer/hf_peer.py`: `npm run bench -- train|eval --inputs DIR …`. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import {
  AutoModelForSequenceClassification,
  type Classifier,
  Dataset,
  deviceInfo,
  getPeftModel,
  LoraConfig,
  memoryUse,
  Trainer,
} from "../../lib";
import type { TokenizedRow } from "../../lib/data/batches";
import { fusedKernels } from "../../lib/runtime/kernels";
import { nodeBackend } from "../../lib/runtime/raw-op";
import { tf } from "../../lib/runtime/tensorflow";
import { trainingArguments } from "../../lib/train/arguments";
import { Optimizer } from "../../lib/train/optimizer";
import { learningRateAt } from "../../lib/train/schedule";
import { trainStep } from "../../lib/train/train-step";

/** What is measured. */
export interface BenchOptions {
  job: "train" | "eval";
  /** Folder with model/ and batches.json, made by `scripts/peer/prepare.py`. */
  inputs: string;
  /** Batches, after one that warms up and is not counted. */
  steps: number;
  dtype: "float32" | "bfloat16";
  rank: number;
  optim: "adamw" | "adamw_8bit";
}

/** One run's figures. */
export interface Measurement {
  who: string;
  job: string;
  dtype: string;
  device: string;
  dropout: number;
  steps: number;
  seconds: number;
  tokens: number;
  tokens_per_second: number;
  peak_rss_bytes: number;
  peak_gpu_bytes: null;
  losses: number[];
  /** TensorFlow operations of a training step, or of the evaluation. */
  ops_per_step: number;
  /** What the fused kernels were compiled for, and how often each ran; null where they are not used. */
  kernels: { instructions: string; threads: number; calls: Record<string, number> } | null;
}

interface InputBatch {
  input_ids: number[][];
  labels: number[];
}

/** Runs the job: the batches in their order, everything that a step has in the time, the loss read after each. */
export async function measure(options: BenchOptions): Promise<Measurement> {
  const { inputs, job, steps, dtype } = options;
  const file = path.join(inputs, "batches.json");
  const all = JSON.parse(readFileSync(file, "utf8")) as InputBatch[];
  if (all.length < steps + 1)
    throw new RangeError(`${file}: expected at least ${steps + 1} batches, got ${all.length}.`);
  const batches = all
    .slice(0, steps + 1)
    .map(({ input_ids, labels }) => input_ids.map((inputIds, i) => ({ inputIds, label: labels[i] as number })));
  const model = await AutoModelForSequenceClassification.fromPretrained(path.join(inputs, "model"), { dtype });
  const peftModel = getPeftModel(model, new LoraConfig({ r: options.rank, taskType: "SEQ_CLS" }));
  const counter = countOps();
  const result = job === "train" ? await train(peftModel, batches, options) : await evaluate(peftModel, batches);
  const tokens = batches.slice(1).reduce((total, rows) => total + tokensOf(rows), 0);
  const kernels = fusedKernels();
  return {
    ...{ who: "ours", job, dtype, device: deviceInfo().device, dropout: model.config.hiddenDropoutProb, steps },
    seconds: Number(result.seconds.toFixed(3)),
    tokens,
    tokens_per_second: Number((tokens / result.seconds).toFixed(2)),
    peak_rss_bytes: memoryUse().peakRssBytes,
    peak_gpu_bytes: null,
    losses: result.losses,
    ops_per_step: Math.round(counter() / (job === "train" ? steps + 1 : 2)),
    kernels: kernels
      ? { instructions: kernels.instructions, threads: kernels.threads, calls: kernels.callCounts() }
      : null,
  };
}

async function train(
  model: Classifier,
  batches: TokenizedRow[][],
  options: BenchOptions,
): Promise<{ seconds: number; losses: number[] }> {
  const args = trainingArguments({ outputDir: options.inputs, optim: options.optim });
  const optimizer = new Optimizer(model.trainableParameters(), args);
  const losses: number[] = [];
  let seconds = 0;
  for (const [step, rows] of batches.entries()) {
    const started = performance.now();
    const learningRate = learningRateAt(args, step, batches.length);
    const { loss, norm } = trainStep({
      ...{ model, optimizer, rows, learningRate, step },
      maxGradNorm: args.maxGradNorm,
      seed: args.seed,
    });
    losses.push((await loss.data())[0] as number);
    tf.dispose([loss, norm]);
    if (step > 0) seconds += (performance.now() - started) / 1000;
  }
  return { seconds, losses };
}

async function evaluate(model: Classifier, batches: TokenizedRow[][]): Promise<{ seconds: number; losses: number[] }> {
  const size = batches[0]?.length as number;
  const trainer = new Trainer({ model, args: { outputDir: ".", perDeviceEvalBatchSize: size } });
  const rowsOf = (some: TokenizedRow[][]): Dataset => Dataset.fromRows(some.flat().map((row) => ({ ...row })));
  await trainer.evaluate(rowsOf(batches.slice(0, 1)));
  const rows = rowsOf(batches.slice(1));
  const started = performance.now();
  const { evalLoss } = await trainer.evaluate(rows);
  return { seconds: (performance.now() - started) / 1000, losses: [evalLoss as number] };
}

function tokensOf(rows: readonly TokenizedRow[]): number {
  return rows.reduce((total, { inputIds }) => total + inputIds.length, 0);
}

/** Counts the calls into TensorFlow from here on. */
export function countOps(): () => number {
  const backend = nodeBackend();
  const { binding } = backend;
  let count = 0;
  const counting: typeof binding.executeOp = (...args) => {
    count++;
    return binding.executeOp(...args);
  };
  // The binding's own members cannot be replaced.
  backend.binding = Object.create(binding, { executeOp: { value: counting } });
  return () => count;
}
