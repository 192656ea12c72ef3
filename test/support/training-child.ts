/**
 * Trains in a folder, from the last checkpoint there: `training-child.ts <folder> <epochs> <save steps> [wait]`.
 * Four steps an epoch, with dropout, accumulation, warm-up and evaluations. With `wait` it waits in its last step to be killed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { JsonlLogCallback } from "../../lib/runs/log-callback";
import { lastCheckpoint } from "../../lib/train/checkpoint";
import { EarlyStoppingCallback } from "../../lib/train/early-stopping";
import { goldenTrainer, modelWithDropout } from "./training";

async function main(outputDir: string, numTrainEpochs: number, saveSteps: number, waits: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ethics-child-"));
  const model = await modelWithDropout("roberta-head", folder);
  rmSync(folder, { recursive: true });
  const trainer = await goldenTrainer(
    model,
    {
      outputDir,
      perDeviceTrainBatchSize: 2,
      gradientAccumulationSteps: 3,
      numTrainEpochs,
      lrSchedulerType: "cosine",
      warmupSteps: 5,
      loggingSteps: 3,
      evalStrategy: "epoch",
      saveStrategy: "steps",
      saveSteps,
      saveTotalLimit: 2,
      loadBestModelAtEnd: false,
      metricForBestModel: "loss",
    },
    {
      callbacks: [
        new JsonlLogCallback(join(outputDir, "log.jsonl")),
        {
          onStepEnd: async ({ state }) => {
            if (waits && state.globalStep === state.maxSteps) await pause(60_000);
          },
        },
        new EarlyStoppingCallback({ patience: 1000 }),
      ],
    },
  );
  await trainer.train({ resumeFromCheckpoint: lastCheckpoint(outputDir) ?? false });
}

const [folder, epochs, saveSteps, waits] = process.argv.slice(2);
void main(folder as string, Number(epochs), Number(saveSteps), waits === "wait");
