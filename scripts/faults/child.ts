/**
 * Trains the demo in a folder, from the last whole checkpoint there, as the notebook does: `child.ts <plan as JSON>`. Ends
 * with 0, with 130 when it was stopped, or with 1 and the error's message.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { tokenizeDataset } from "../../lib/data/tokenize";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { swapLabels } from "../../lib/ethics/swap-labels";
import { writeFileAtomic } from "../../lib/files/atomic";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { JsonlLogCallback } from "../../lib/runs/log-callback";
import { runPaths } from "../../lib/runs/run-folder";
import type { TrainerCallback } from "../../lib/train/callbacks";
import { lastCheckpoint } from "../../lib/train/checkpoint";
import { Trainer } from "../../lib/train/trainer";
import { fillDisk } from "./small-disk";

/** Writes before which the disk can be filled. */
export type Write = "log" | "checkpoint" | "adapter" | "metrics";

/** What the child does. */
export interface ChildPlan {
  out: string;
  steps: number;
  saveSteps: number;
  /** Fills the disk that `out` is on before this write; of log and checkpoints before the one in the middle of the run. */
  fillBefore?: Write;
  /** Waits in the last step to be killed. */
  waits?: boolean;
}

const DEMO = resolve(__dirname, "../../data/demo");

/** What is done to a run under way, before its log is written. */
function disturbance({ out, steps, saveSteps, fillBefore, waits }: ChildPlan): TrainerCallback {
  const middle = saveSteps * Math.ceil(steps / saveSteps / 2);
  return {
    onStepEnd: async ({ state }) => {
      if (fillBefore === "log" && state.globalStep === middle - 1) fillDisk(out);
      if (waits && state.globalStep === state.maxSteps) await pause(600_000);
    },
  };
}

/** Fills the disk after the log's line of a step, and before its checkpoint. */
function fillBeforeCheckpoint({ out, steps, saveSteps, fillBefore }: ChildPlan): TrainerCallback {
  const middle = saveSteps * Math.ceil(steps / saveSteps / 2);
  const isDue = (step: number): boolean => fillBefore === "checkpoint" && step === middle;
  return { onStepEnd: ({ state }) => void (isDue(state.globalStep) && fillDisk(out)) };
}

async function main(plan: ChildPlan): Promise<number> {
  const { out, steps, saveSteps, fillBefore } = plan;
  const { checkpoints, log, adapter, metrics } = runPaths(out);
  const tokenizer = await AutoTokenizer.fromPretrained(join(DEMO, "model"));
  const { train } = await loadDataset(join(DEMO, "ethics"));
  const rows = train.sample(Math.min(train.numRows, 4 * steps), 7).map(swapLabels);
  const base = await AutoModelForSequenceClassification.fromPretrained(join(DEMO, "model"));
  const model = getPeftModel(base, new LoraConfig({ r: 8, loraDropout: 0.1 }));
  const args = { outputDir: checkpoints, maxSteps: steps, saveSteps, saveTotalLimit: 2, loggingSteps: saveSteps };
  const trainer = new Trainer({
    model,
    tokenizer,
    args: { ...args, perDeviceTrainBatchSize: 4, learningRate: 2e-3, optim: "adamw_8bit" },
    trainDataset: tokenizeDataset(rows, tokenizer),
    callbacks: [disturbance(plan), new JsonlLogCallback(log), fillBeforeCheckpoint(plan)],
  });
  const resumes = existsSync(checkpoints) && lastCheckpoint(checkpoints) !== undefined;
  const { stopped, trainingLoss } = await trainer.train({ resumeFromCheckpoint: resumes });
  if (stopped) return 130;
  if (fillBefore === "adapter") fillDisk(out);
  model.savePretrained(adapter);
  if (fillBefore === "metrics") fillDisk(out);
  writeFileAtomic(metrics, `${JSON.stringify({ steps, trainingLoss })}\n`);
  return 0;
}

main(JSON.parse(process.argv[2] ?? "{}") as ChildPlan).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
