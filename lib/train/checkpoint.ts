/** A run's state on disk: `checkpoint-<step>` folders as the Trainer lays them out, written whole or not at all. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import { removeFolderAtomic, writeFileAtomic, writeFolderAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { camelCase, isObject, type JsonObject, readJson, snakeCase } from "../files/json";
import { checkManifest, writeManifest } from "../files/manifest";
import { SafetensorsFile, writeSafetensors } from "../files/safetensors";
import type { Classifier } from "../model/classifier";
import type { ResolvedArguments } from "./arguments";
import type { LogEntry, TrainerState } from "./callbacks";
import type { LossSums } from "./loss-window";
import type { Optimizer } from "./optim/optimizer";

/** State of a run that a checkpoint keeps beside weights and moments. */
export interface Progress {
  state: TrainerState;
  losses: LossSums;
  /** Whether what is due after an epoch was done, where the step is an epoch's last. */
  epochEnded: boolean;
  /** What is still to be done after that step, since its evaluation was interrupted. */
  due: { shouldEvaluate: boolean; shouldSave: boolean } | undefined;
  /** What callbacks keep, by their class names. */
  callbacks: Record<string, Record<string, unknown>>;
}

const FILES = { optimizer: "optimizer.safetensors", state: "trainer_state.json", args: "training_args.json" };

/** The folder of the checkpoint after `step` steps. */
export function checkpointFolder(outputDir: string, step: number): string {
  return path.join(outputDir, `checkpoint-${step}`);
}

/** Everything that is written into a checkpoint. */
export interface CheckpointContent {
  model: Classifier;
  optimizer: Optimizer;
  args: ResolvedArguments;
  /** Number of training rows. */
  trainRows: number;
  progress: Progress;
  tokenizer?: Tokenizer | undefined;
}

/** Writes a checkpoint: weights or adapter, moments, state, arguments and tokenizer. */
export function writeCheckpoint(folder: string, run: CheckpointContent): void {
  writeFolderAtomic(folder, (beside) => {
    run.model.savePretrained(beside);
    run.tokenizer?.savePretrained(beside);
    if (!run.args.saveOnlyModel) writeSafetensors(path.join(beside, FILES.optimizer), run.optimizer.state());
    writeJson(path.join(beside, FILES.args), toSnakeCase({ ...run.args }));
    writeJson(path.join(beside, FILES.state), stateToJson(run));
    writeManifest(beside);
  });
}

function writeJson(file: string, value: JsonObject): void {
  writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Loads the weights and moments of a checkpoint into the model and optimizer.
 *
 * @throws {FileFormatError} a file is missing or does not fit the run
 */
export async function readCheckpoint(
  folder: string,
  run: Omit<CheckpointContent, "progress" | "tokenizer"> & { maxSteps: number },
): Promise<Progress> {
  checkManifest(folder);
  const file = path.join(folder, FILES.state);
  const json = readJson(file);
  const progress = stateFromJson(json, file);
  checkSameRun(json, file, run);
  const optimizerFile = path.join(folder, FILES.optimizer);
  if (!fs.existsSync(optimizerFile)) {
    const reason = "A run with saveOnlyModel writes none and cannot be resumed: load its weights and begin a new run.";
    throw new FileFormatError(optimizerFile, `expected a file, got none. ${reason}`);
  }
  const moments = SafetensorsFile.open(optimizerFile);
  run.optimizer.load(moments, progress.state.globalStep - (progress.state.badSteps ?? 0));
  // Last, since it is all or nothing: moments that do not fit leave the model as it was.
  await run.model.load(folder);
  return progress;
}

/** The checkpoint with the most steps in a folder, if there is one. */
export function lastCheckpoint(outputDir: string): string | undefined {
  return checkpointsOf(outputDir).at(-1);
}

/**
 * The checkpoint with the most steps whose files are as they were written. Broken ones after it move aside, with a warning.
 *
 * @throws {FileFormatError} there are checkpoints, but all of them are broken
 */
export function lastWholeCheckpoint(outputDir: string): string | undefined {
  const broken: { folder: string; error: FileFormatError }[] = [];
  const whole = checkpointsOf(outputDir).findLast((folder) => {
    try {
      checkManifest(folder);
      return true;
    } catch (error) {
      if (!(error instanceof FileFormatError)) throw error;
      broken.push({ folder, error });
      return false;
    }
  });
  const [newest] = broken;
  if (whole === undefined && newest) throw newest.error;
  for (const { folder, error } of broken) {
    const aside = `${folder}.broken`;
    fs.rmSync(aside, { recursive: true, force: true });
    fs.renameSync(folder, aside);
    console.warn(`${error.message} It is now in ${aside}; ${whole} is used instead.`);
  }
  return whole;
}

/**
 * Removes the oldest checkpoints until `limit` are left; the last one and the best one stay whatever the limit is.
 *
 * @param limit 0 removes none
 */
export function removeOldCheckpoints(outputDir: string, limit: number, best: string | undefined): void {
  const all = checkpointsOf(outputDir);
  const keep = new Set([all.at(-1), best].flatMap((folder) => (folder === undefined ? [] : path.resolve(folder))));
  const removable = all.filter((folder) => !keep.has(path.resolve(folder)));
  const excess = limit === 0 ? 0 : Math.max(0, all.length - Math.max(limit, keep.size));
  for (const folder of removable.slice(0, excess)) removeFolderAtomic(folder);
}

/** Removes all checkpoints but one. */
export function removeOtherCheckpoints(outputDir: string, kept: string): void {
  const same = (folder: string): boolean => path.resolve(folder) === path.resolve(kept);
  for (const folder of checkpointsOf(outputDir)) if (!same(folder)) removeFolderAtomic(folder);
}

/** The checkpoints of a run, from the first to the last. */
function checkpointsOf(outputDir: string): string[] {
  if (!fs.existsSync(outputDir)) return [];
  return fs
    .readdirSync(outputDir)
    .flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((step) => checkpointFolder(outputDir, step));
}

/** Settings that decide a run's row order and length must be those of the checkpoint. */
function checkSameRun(
  json: JsonObject,
  file: string,
  run: { args: ResolvedArguments; trainRows: number; maxSteps: number },
): void {
  const now: JsonObject = { max_steps: run.maxSteps, ...identity(run) };
  for (const [name, wanted] of Object.entries(now)) {
    // Checkpoints of before these settings were there have their defaults.
    const found = json[name] ?? { data_seed: json.seed, ...ORDER_DEFAULTS }[name];
    if (found === wanted) continue;
    const remedy = "Resume with the same rows, seed, optimizer, batch size, workers and epochs, or begin a new run.";
    throw new FileFormatError(file, `\`${name}\`: expected ${wanted}, got ${found}. ${remedy}`);
  }
}

const ORDER_DEFAULTS: JsonObject = { train_sampling_strategy: "random", dataloader_drop_last: false };

function identity({ args, trainRows }: { args: ResolvedArguments; trainRows: number }): JsonObject {
  return {
    train_batch_size: args.perDeviceTrainBatchSize,
    gradient_accumulation_steps: args.gradientAccumulationSteps,
    train_rows: trainRows,
    seed: args.seed,
    optim: args.optim,
    data_seed: args.dataSeed,
    train_sampling_strategy: args.trainSamplingStrategy,
    dataloader_drop_last: args.dataloaderDropLast,
  };
}

function stateToJson(run: CheckpointContent): JsonObject {
  const { state, losses, epochEnded, due, callbacks } = run.progress;
  const { logHistory, ...rest } = state;
  return {
    ...toSnakeCase({ ...rest }),
    ...identity(run),
    epoch_ended: epochEnded,
    ...(due ? { due: toSnakeCase({ ...due }) } : {}),
    losses: toSnakeCase({ ...losses }),
    stateful_callbacks: callbacks,
    log_history: logHistory.map(toSnakeCase),
  };
}

function stateFromJson(json: JsonObject, file: string): Progress {
  const { losses, log_history: history, stateful_callbacks: callbacks, epoch_ended: epochEnded, due, ...rest } = json;
  const { trainBatchSize, gradientAccumulationSteps, trainRows, seed, optim, ...more } = toCamelCase(rest);
  const { dataSeed, trainSamplingStrategy, dataloaderDropLast, ...state } = more;
  if (!Array.isArray(history) || !isObject(losses) || typeof state.globalStep !== "number") {
    throw new FileFormatError(file, "expected global_step, log_history and losses, as this library writes them.");
  }
  const logHistory = history.map((entry) => numbersOf(entry as JsonObject)) as LogEntry[];
  return {
    state: { ...(state as unknown as TrainerState), logHistory },
    losses: numbersOf(losses) as unknown as LossSums,
    epochEnded: epochEnded === true,
    due: isObject(due) ? (toCamelCase(due) as unknown as Progress["due"]) : undefined,
    callbacks: (callbacks ?? {}) as Progress["callbacks"],
  };
}

/** Numbers from JSON, where null stands for NaN. */
function numbersOf(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(toCamelCase(value)).map(([key, item]) => [key, item ?? Number.NaN]));
}

function toSnakeCase(value: JsonObject): JsonObject {
  return renameKeys(value, snakeCase);
}

function toCamelCase(value: JsonObject): JsonObject {
  return renameKeys(value, camelCase);
}

function renameKeys(value: JsonObject, rename: (key: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), item]));
}
