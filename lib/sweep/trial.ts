/** One trial of a sweep: a training whose result depends on its parameters alone. */
import { existsSync, rmSync } from "node:fs";
import { removeFolderAtomic, writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { type JsonObject, readJson } from "../files/json";
import { LoraConfig } from "../lora/config";
import { getPeftModel } from "../lora/peft-model";
import { EvaluationStopped } from "../process/interrupt";
import { saveEvery } from "../runs/callbacks";
import { JsonlLogCallback } from "../runs/log-callback";
import { missingMetrics, type RunMetrics, writeRunMetrics } from "../runs/metrics";
import { runPaths } from "../runs/run-folder";
import { argumentsFor, learningRateFor, loraOptionsFor, metricsFor } from "../runs/training";
import { deviceInfo, memoryUse } from "../tensor/device";
import type { TrainerCallback } from "../train/callbacks";
import { lastCheckpoint } from "../train/checkpoint";
import { Trainer } from "../train/trainer";
import type { TrainOutput } from "../train/trainer-types";
import { TrainingClock } from "./clock";
import type { TrialRecord } from "./identity";
import type { TrialParameters } from "./parameters";
import type { SweepWorkspace, TrialMaterial } from "./workspace";

/** Checkpoints of a trial; an interrupted one loses a tenth of its work at most. */
const CHECKPOINTS = 10;

/** Options of {@link runTrial}. */
export interface TrialOptions {
  /** Folder of its parameters, log, checkpoints, adapter and metrics; an interrupted trial in it is resumed. */
  folder: string;
  /** Replace a trial of other parameters in the folder, which is an error otherwise (default false). */
  overwrite?: boolean;
  workspace: SweepWorkspace;
  callbacks?: TrainerCallback[];
  /** Stops the trial when aborted. */
  signal?: AbortSignal;
}

/**
 * Reads the result of a trial that was finished in a folder.
 *
 * @param options.overwrite ignores a trial of other parameters
 * @throws {FileFormatError} the folder holds a trial of other parameters that is not to be replaced
 */
export function finishedTrial(
  folder: string,
  record: TrialRecord,
  options: { overwrite?: boolean } = {},
): RunMetrics | undefined {
  if (!goesOn(folder, record, options)) return undefined;
  const { metrics } = runPaths(folder);
  if (!existsSync(metrics)) return undefined;
  const json = readJson(metrics);
  return missingMetrics(json).length === 0 ? (json as unknown as RunMetrics) : undefined;
}

/**
 * Whether a folder holds a trial of these parameters.
 *
 * @throws {FileFormatError} it holds a trial of other parameters that is not to be replaced
 */
function goesOn(folder: string, record: TrialRecord, options: { overwrite?: boolean }): boolean {
  const file = runPaths(folder).trial;
  if (!existsSync(file)) return false;
  const then = readJson(file);
  if (then.id === record.id) return true;
  const problem = otherParameter(then, record);
  if (problem !== undefined && !options.overwrite) throw new FileFormatError(file, problem);
  return problem === undefined;
}

/**
 * Prepares the folder of a trial: resumes the one in it, or replaces it.
 *
 * @returns the checkpoint to resume from
 */
function takeFolder(record: TrialRecord, { folder, overwrite = false }: TrialOptions): string | undefined {
  const { trial, checkpoints, log } = runPaths(folder);
  if (!goesOn(folder, record, { overwrite }) && existsSync(trial)) removeFolderAtomic(folder);
  const checkpoint = lastCheckpoint(checkpoints);
  if (checkpoint === undefined) rmSync(log, { force: true });
  writeFileAtomic(trial, `${JSON.stringify(record, null, 2)}\n`);
  return checkpoint;
}

/** Describes the first parameter that differs from those that the trial was started with. */
function otherParameter(then: JsonObject, { id: _, ...now }: TrialRecord): string | undefined {
  const wanted = (value: unknown): string | undefined => JSON.stringify(value);
  const other = Object.entries(now).find(([name, value]) => wanted(then[name]) !== wanted(value));
  if (other === undefined) return undefined;
  const [name, value] = other;
  const remedy = "Sweep into another folder, or overwrite.";
  return `\`${name}\`: expected as the trial was started (${wanted(then[name])}), got ${wanted(value)}. ${remedy}`;
}

/**
 * Trains an adapter with these parameters and evaluates it after each epoch; the best evaluation counts.
 *
 * @returns the content of its metrics.json, which is written last; undefined if it was stopped
 */
export async function runTrial(parameters: TrialParameters, options: TrialOptions): Promise<RunMetrics | undefined> {
  const { folder, workspace, signal } = options;
  const record = await workspace.record(parameters);
  const finished = finishedTrial(folder, record, options);
  if (finished) return finished;
  try {
    return await trainTrial(record, await workspace.material(parameters, signal), { ...options, parameters });
  } catch (error) {
    if (error instanceof EvaluationStopped && signal?.aborted) return undefined;
    throw error;
  }
}

async function trainTrial(
  record: TrialRecord,
  material: TrialMaterial,
  options: TrialOptions & { parameters: TrialParameters },
): Promise<RunMetrics | undefined> {
  const { folder, signal, parameters } = options;
  const { checkpoints, log, adapter } = runPaths(folder);
  const { sources, task, trainRows, evalRows, tokenizer, baseline } = material;
  const { seed, epochs, batchSize } = parameters;
  const model = getPeftModel(material.model, new LoraConfig(loraOptionsFor(parameters, task)), { seed });
  try {
    const clock = new TrainingClock();
    const saves = saveEvery(Math.ceil((trainRows.numRows * epochs) / batchSize / CHECKPOINTS));
    const args = argumentsFor(parameters, { outputDir: checkpoints, sources, task, trainRows: trainRows.numRows });
    const trainer = new Trainer({
      model: task.classifier(model),
      args: { ...args, saveTotalLimit: 1 },
      trainDataset: trainRows,
      evalDataset: evalRows,
      tokenizer,
      computeMetrics: metricsFor(task),
      callbacks: [clock, saves, new JsonlLogCallback(log), ...(options.callbacks ?? [])],
      signal,
    });
    const checkpoint = takeFolder(record, options);
    const trained = await trainer.train({ resumeFromCheckpoint: checkpoint ?? false });
    if (trained.stopped) return undefined;
    model.savePretrained(adapter);
    // The checkpoints are deleted below.
    const { bestModelCheckpoint: _, ...state } = trainer.state;
    const metrics = writeRunMetrics(folder, {
      ...parameters,
      config: task.config,
      evalSplit: task.evalSplit,
      targetModules: [...parameters.targetModules],
      trainHead: parameters.trainHead || task.trainsHead,
      learningRate: learningRateFor(parameters, sources),
      sources,
      counts: { trainRows: trainRows.numRows, evalRows: evalRows.numRows, ...model.parameterCounts() },
      baseline,
      trained: inAll(trained, state.tokensSeen, clock.seconds),
      state,
      validation: { before: undefined, after: undefined },
      device: deviceInfo(),
      memory: memoryUse(),
    });
    rmSync(checkpoints, { recursive: true, force: true });
    return metrics;
  } finally {
    model.unload();
  }
}

/** Adds the time before resumptions to the figures of a training. */
function inAll(trained: TrainOutput, tokens: number, seconds: number): TrainOutput {
  const metrics = { ...trained.metrics, trainRuntime: seconds, trainTokensPerSecond: tokens / seconds };
  return { ...trained, metrics };
}
