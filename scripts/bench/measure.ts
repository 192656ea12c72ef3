/** One measured run, as one JSON line with the keys of `scripts/bench/hf_peer.py`: `npm run bench -- train|eval --inputs DIR …`. */
import { existsSync, readFileSync } from "node:fs";
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
  type TrainerCallback,
} from "../../lib";
import type { TokenizedRow } from "../../lib/data/rows";
import { fusedKernels } from "../../lib/tensor/native/library";
import { tf } from "../../lib/tensor/tensorflow";
import { Optimizer } from "../../lib/train/optim/optimizer";
import { learningRateAt } from "../../lib/train/optim/schedule";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { trainStep } from "../../lib/train/train-step";
import { flopPerToken, MatMulRate } from "./floor";
import { OpMeter, type OpTime } from "./op-meter";
import { rounded } from "./statistics";

const HOW_TO_PREPARE = "Make one with scripts/bench/prepare.py.";

/** Options of one measured run. */
export interface BenchOptions {
  job: "train" | "eval";
  /** Folder with model/ and batches.json, made by `scripts/bench/prepare.py`. */
  inputs: string;
  /** Counted batches, after one that warms up. */
  steps: number;
  dtype: "float32" | "bfloat16";
  rank: number;
  optim: "adamw" | "adamw_8bit";
  /** Whether to measure each operation's time too. */
  profile?: boolean;
}

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
  /** Processor time of the whole process, including loading. */
  cpu_seconds: number;
  /** TensorFlow operations of a training step, or of the evaluation. */
  ops_per_step: number;
  /** Rate of TensorFlow's MatMul at these numbers of tokens, taken between the steps, in 10⁹ floating-point operations a second. */
  matmul_gflops: number;
  /** Share of the measured time that the frozen matrices alone would take at that rate. */
  floor_share: number;
  /** Instructions and threads of the fused kernels, and how often each ran; null where they are not used. */
  kernels: { instructions: string; threads: number; calls: Record<string, number> } | null;
}

interface InputBatch {
  input_ids: number[][];
  labels: number[];
}

/** Model, batches and meters of a measured run. */
interface Bench {
  model: Classifier;
  batches: TokenizedRow[][];
  options: BenchOptions;
  rate: MatMulRate;
  meter: OpMeter;
}

/** Time of the counted steps, and their losses. */
interface Timing {
  seconds: number;
  losses: number[];
}

/**
 * Runs the job on the batches in order. The time of a step includes everything, even reading its loss.
 *
 * @returns the figures, and with `profile` those of each operation
 * @throws {RangeError} the inputs have too few batches
 */
export async function measure(options: BenchOptions): Promise<Measurement & { profile: OpTime[] }> {
  const { inputs, job, steps, dtype } = options;
  const batches = readBatches(inputs, steps + 1);
  const model = await AutoModelForSequenceClassification.fromPretrained(path.join(inputs, "model"), { dtype });
  const rate = new MatMulRate(model);
  const peftModel = getPeftModel(model, new LoraConfig({ r: options.rank, taskType: "SEQ_CLS" }));
  const meter = new OpMeter({ times: options.profile ?? false });
  const bench = { model: peftModel, batches, options, rate, meter };
  const { seconds, losses } = await (job === "train" ? train(bench) : evaluate(bench)).finally(() => meter.stop());
  const tokens = batches.slice(1).reduce((total, rows) => total + tokensOf(rows), 0);
  const floor = (tokens * flopPerToken(model.config, job)) / (rate.gflops() * 1e9);
  const kernels = fusedKernels();
  return {
    who: "ours",
    job,
    dtype,
    device: deviceInfo().device,
    dropout: model.config.hiddenDropoutProb,
    steps,
    seconds: rounded(seconds, 3),
    tokens,
    tokens_per_second: rounded(tokens / seconds, 2),
    peak_rss_bytes: memoryUse().peakRssBytes,
    peak_gpu_bytes: null,
    losses,
    cpu_seconds: rounded(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6, 3),
    ops_per_step: Math.round(meter.count / (job === "train" ? steps : 1)),
    matmul_gflops: rounded(rate.gflops(), 3),
    floor_share: rounded(floor / seconds, 4),
    kernels: kernels
      ? { instructions: kernels.instructions, threads: kernels.threads, calls: kernels.callCounts() }
      : null,
    profile: meter.opTimes(),
  };
}

function readBatches(inputs: string, count: number): TokenizedRow[][] {
  const file = path.join(inputs, "batches.json");
  if (!existsSync(file)) {
    throw new RangeError(
      `\`--inputs\`: expected a folder with batches.json and model/, got ${inputs}. ${HOW_TO_PREPARE}`,
    );
  }
  const all = JSON.parse(readFileSync(file, "utf8")) as InputBatch[];
  if (all.length < count) {
    throw new RangeError(`${file}: expected ${count - 1} batches for the steps and one to warm up, got ${all.length}.`);
  }
  return all
    .slice(0, count)
    .map(({ input_ids, labels }) => input_ids.map((inputIds, i) => ({ inputIds, label: labels[i] as number })));
}

async function train({ model, batches, options, rate, meter }: Bench): Promise<Timing> {
  const args = resolveArguments({ outputDir: options.inputs, optim: options.optim });
  const optimizer = new Optimizer(model.trainableParameters(), args);
  const losses: number[] = [];
  let seconds = 0;
  for (const [step, rows] of batches.entries()) {
    meter.isOn = step > 0;
    const started = performance.now();
    const learningRate = learningRateAt(args, step, batches.length);
    const { loss, norm } = trainStep({
      model,
      optimizer,
      rows,
      learningRate,
      step,
      maxGradNorm: args.maxGradNorm,
      seed: args.seed,
    });
    losses.push((await loss.data())[0] as number);
    if (step > 0) seconds += (performance.now() - started) / 1000;
    tf.dispose([loss, norm]);
    meter.isOn = false;
    await rate.measure(tokensOf(rows));
    if (step === 0) rate.restart();
  }
  optimizer.dispose();
  return { seconds, losses };
}

/** Evaluates the rows of all batches at once; the rate of MatMul is measured after each pack. */
async function evaluate({ model, batches, rate, meter }: Bench): Promise<Timing> {
  const size = batches[0]?.length as number;
  let done = 0;
  let aside = 0;
  const rowsOf = (some: TokenizedRow[][]): Dataset => Dataset.fromRows(some.flat().map((row) => ({ ...row })));
  let lengths: number[] = [];
  const measureRate: TrainerCallback = {
    async onPredictionStep({ prediction }) {
      const started = performance.now();
      meter.isOn = false;
      const pack = lengths.slice(done, prediction?.done);
      done += pack.length;
      await rate.measure(pack.reduce((sum, length) => sum + length, 0));
      meter.isOn = true;
      aside += (performance.now() - started) / 1000;
    },
  };
  const args = { outputDir: ".", perDeviceEvalBatchSize: size };
  const trainer = new Trainer({ model, args, callbacks: [measureRate] });
  const run = async (rows: TokenizedRow[][]): Promise<Timing> => {
    // An evaluation takes its rows in the order of their lengths.
    lengths = rows
      .flat()
      .map(({ inputIds }) => inputIds.length)
      .sort((a, b) => a - b);
    done = 0;
    aside = 0;
    const dataset = rowsOf(rows);
    const started = performance.now();
    const { evalLoss } = await trainer.evaluate(dataset);
    return { seconds: (performance.now() - started) / 1000 - aside, losses: [evalLoss as number] };
  };
  await run(batches.slice(0, 1));
  rate.restart();
  meter.restart();
  return run(batches.slice(1));
}

function tokensOf(rows: readonly TokenizedRow[]): number {
  return rows.reduce((total, { inputIds }) => total + inputIds.length, 0);
}
