/** Checks that memory does not grow during a long training run. */
import * as path from "node:path";
import { tokenizeDataset } from "../../lib/data/tokenize";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadEthics } from "../../lib/ethics/dataset";
import { swapLabels } from "../../lib/ethics/swap-labels";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { percent } from "../../lib/report/format";
import { memoryUse } from "../../lib/tensor/device";
import { nodeBackend } from "../../lib/tensor/raw-op";
import { Trainer } from "../../lib/train/trainer";
import { inTemporaryFolder } from "./runs";
import { median, rounded } from "./statistics";

const STEPS = 500;
/** Steps whose median memory is compared: early ones, after everything has its final size, and the last ones. */
const EARLY = [100, 150] as const;
const LATE = [450, 500] as const;
/** Most growth of resident memory from the early to the late steps. */
const MOST_GROWTH = 0.02;

/** Memory in use after a step. */
export interface Held {
  step: number;
  /** Tensors that tfjs counts. */
  tensors: number;
  /** TensorFlow's handles, those of raw operations included. */
  handles: number;
  rssBytes: number;
}

export interface LeakFigures {
  steps: number;
  /** Least and most, from the first early step on. */
  tensors: [least: number, most: number];
  handles: [least: number, most: number];
  /** Median resident memory of the early and the late steps, in bytes. */
  rss_early_bytes: number;
  rss_late_bytes: number;
  /** Late divided by early, less 1. */
  rss_growth: number;
  passed: boolean;
}

/** Trains on the demo and measures the memory after every step. */
export async function leak(): Promise<LeakFigures> {
  const held: Held[] = [];
  await inTemporaryFolder((folder) => trainOnDemo(folder, held));
  const figures = judge(held);
  console.error(leakText(figures));
  return figures;
}

/** Computes the figures of a run. @param held after each step, in order */
export function judge(held: readonly Held[]): LeakFigures {
  const settled = held.filter(({ step }) => step >= EARLY[0]);
  const range = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const rssOf = ([from, to]: readonly [number, number]): number =>
    median(held.filter(({ step }) => step >= from && step <= to).map(({ rssBytes }) => rssBytes));
  const tensors = range(settled.map((now) => now.tensors));
  const handles = range(settled.map((now) => now.handles));
  const [early, late] = [rssOf(EARLY), rssOf(LATE)];
  const growth = late / early - 1;
  return {
    steps: held.length,
    tensors,
    handles,
    rss_early_bytes: early,
    rss_late_bytes: late,
    rss_growth: rounded(growth, 4),
    // Less memory at the end is not a leak.
    passed: tensors[0] === tensors[1] && handles[0] === handles[1] && growth <= MOST_GROWTH,
  };
}

async function trainOnDemo(outputDir: string, held: Held[]): Promise<void> {
  const demo = path.join(__dirname, "..", "..", "data", "demo");
  const tokenizer = await AutoTokenizer.fromPretrained(path.join(demo, "model"));
  const base = await AutoModelForSequenceClassification.fromPretrained(path.join(demo, "model"));
  const model = getPeftModel(base, new LoraConfig({ taskType: "SEQ_CLS" }));
  const { train } = await loadEthics(path.join(demo, "ethics"));
  const backend = nodeBackend() as unknown as { numDataIds(): number };
  const trainer = new Trainer({
    model,
    tokenizer,
    trainDataset: tokenizeDataset(train.map(swapLabels), tokenizer),
    // Losses stay on the device until they are logged, so every step is logged.
    args: { outputDir, maxSteps: STEPS, perDeviceTrainBatchSize: 4, loggingSteps: 1, saveStrategy: "no" },
    callbacks: [
      {
        onLog({ state, logs }) {
          if (logs?.loss === undefined) return;
          const { tensors, rssBytes } = memoryUse();
          held.push({ step: state.globalStep, tensors, handles: backend.numDataIds(), rssBytes });
        },
      },
    ],
  });
  await trainer.train();
}

function leakText(figures: LeakFigures): string {
  const { steps, tensors, handles, rss_early_bytes, rss_late_bytes, rss_growth, passed } = figures;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `${steps} training steps of the demo`,
    `tensors held after a step, least and most: ${tensors.join(", ")}`,
    `handles held after a step, least and most: ${handles.join(", ")}`,
    `median resident memory: ${megabytes(rss_early_bytes)} in steps ${EARLY.join(" to ")}, ${megabytes(rss_late_bytes)} in steps ${LATE.join(" to ")}`,
    `growth: ${percent(rss_growth)}, at most ${percent(MOST_GROWTH)}`,
    passed ? "Nothing is kept." : "Something is kept.",
  ].join("\n");
}
