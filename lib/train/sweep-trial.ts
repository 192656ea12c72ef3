/** One trial of a sweep: a training whose result depends on its parameters alone, so that it can run anywhere. */
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { type JsonObject, readJson } from "../files/json";
import { LoraConfig } from "../lora/config";
import { getPeftModel } from "../lora/peft-model";
import { deviceInfo, memoryUse } from "../runtime/device";
import type { TrainerCallback } from "./callbacks";
import { lastCheckpoint } from "./checkpoint";
import { JsonlLogCallback } from "./jsonl-log";
import { missingMetrics, type RunMetrics, writeRunMetrics } from "./metrics-file";
import { trialIdentity } from "./sweep-identity";
import type { TrialParameters } from "./sweep-parameters";
import { metricsOf, type SweepWorkspace, type TrialMaterial } from "./sweep-workspace";
import { Trainer } from "./trainer";

/** Checkpoints of a trial: a cut-off one loses a tenth of its work at most. */
const CHECKPOINTS = 10;

/** The original's learning rate, and the demo's: its model is so small that 5e-5 would hardly move it in an epoch. */
const LEARNING_RATE = { original: 5e-5, demo: 2e-3 };

const FILES = { parameters: "trial.json", metrics: "metrics.json", log: "log.jsonl" };

/** Where a trial runs and who listens. */
export interface TrialOptions {
  /** Folder of its parameters, log, checkpoints, adapter and metrics; a cut-off trial in it goes on. */
  folder: string;
  /** What trials share. */
  workspace: SweepWorkspace;
  /** Who listens to its training. */
  callbacks?: TrainerCallback[];
}

/**
 * The result of a trial that was finished in a folder.
 *
 * @param identity see {@link trialIdentity}
 * @param options.overwrite removes a trial of other parameters
 * @throws {FileFormatError} the folder holds a trial of other parameters
 */
export function finishedTrial(
  folder: string,
  identity: TrialParameters,
  { overwrite = false } = {},
): RunMetrics | undefined {
  const file = path.join(folder, FILES.parameters);
  if (!fs.existsSync(file)) return undefined;
  const problem = otherParameter(readJson(file), identity);
  if (problem !== undefined && !overwrite) throw new FileFormatError(file, problem);
  if (problem !== undefined) fs.rmSync(folder, { recursive: true });
  const metrics = path.join(folder, FILES.metrics);
  if (!fs.existsSync(metrics)) return undefined;
  const json = readJson(metrics);
  return missingMetrics(json).length === 0 ? (json as unknown as RunMetrics) : undefined;
}

/** Which parameter is not as the trial was started, if one is. */
function otherParameter(then: JsonObject, now: TrialParameters): string | undefined {
  const wanted = (value: unknown): string => JSON.stringify(value);
  const other = Object.entries(now).find(([name, value]) => wanted(then[name]) !== wanted(value));
  if (other === undefined) return undefined;
  const [name, value] = other;
  const remedy = "Sweep into another folder, or overwrite.";
  return `\`${name}\`: expected as the trial was started (${wanted(then[name])}), got ${wanted(value)}. ${remedy}`;
}

/**
 * Trains an adapter with these parameters and evaluates it after each epoch; the last evaluation counts.
 *
 * @returns the content of its metrics.json, which is written last; undefined when the training was stopped
 */
export async function runTrial(parameters: TrialParameters, options: TrialOptions): Promise<RunMetrics | undefined> {
  const { folder, workspace } = options;
  const identity = trialIdentity(parameters, await workspace.sources(parameters));
  const finished = finishedTrial(folder, identity);
  if (finished) return finished;
  const checkpoints = path.join(folder, "checkpoints");
  const checkpoint = lastCheckpoint(checkpoints);
  if (checkpoint === undefined) fs.rmSync(path.join(folder, FILES.log), { force: true });
  writeFileAtomic(path.join(folder, FILES.parameters), `${JSON.stringify(identity, null, 2)}\n`);

  const material = await workspace.material(parameters);
  const { task } = material;
  const { rank, alpha, dropout, targetModules, trainHead, seed } = identity;
  const lora = { r: rank, loraAlpha: alpha, loraDropout: dropout, targetModules: [...targetModules] };
  const config = new LoraConfig({ ...lora, ...(trainHead ? { taskType: "SEQ_CLS" } : {}) });
  const model = getPeftModel(material.model, config, { seed });
  try {
    const learningRate = learningRateOf(parameters, material);
    const args = { outputDir: checkpoints, ...trainingOptions(parameters, material), learningRate };
    const callbacks = [new JsonlLogCallback(path.join(folder, FILES.log)), ...(options.callbacks ?? [])];
    const { trainRows: trainDataset, evalRows: evalDataset, tokenizer } = material;
    const rows = { trainDataset, evalDataset, tokenizer };
    const computeMetrics = metricsOf(task);
    const trainer = new Trainer({ model: task.classifier(model), args, ...rows, computeMetrics, callbacks });
    const trained = await trainer.train({ resumeFromCheckpoint: checkpoint ?? false });
    if (trained.stopped) return undefined;
    model.savePretrained(path.join(folder, "adapter"));
    const metrics = writeRunMetrics(folder, {
      ...parameters,
      targetModules: [...targetModules],
      trainHead,
      learningRate,
      sources: material.sources,
      counts: { trainRows: trainDataset.numRows, evalRows: evalDataset.numRows, ...model.parameterCounts() },
      baseline: material.baseline,
      trained,
      state: trainer.state,
      validation: { before: undefined, after: undefined },
      device: deviceInfo(),
      memory: memoryUse(),
    });
    fs.rmSync(checkpoints, { recursive: true, force: true });
    return metrics;
  } finally {
    model.unload();
  }
}

function learningRateOf({ learningRate }: TrialParameters, { sources }: TrialMaterial): number {
  return learningRate || (sources.demo.model ? LEARNING_RATE.demo : LEARNING_RATE.original);
}

function trainingOptions(parameters: TrialParameters, { trainRows }: TrialMaterial) {
  const { epochs, batchSize, optim, seed } = parameters;
  const steps = Math.ceil(Math.ceil(trainRows.numRows / batchSize) * epochs);
  return {
    optim,
    seed,
    numTrainEpochs: epochs,
    perDeviceTrainBatchSize: batchSize,
    perDeviceEvalBatchSize: batchSize,
    evalStrategy: "epoch",
    saveStrategy: "steps",
    saveSteps: Math.max(1, Math.ceil(steps / CHECKPOINTS)),
    saveTotalLimit: 1,
    loggingSteps: Math.max(1, Math.round(steps / 50)),
  } as const;
}
