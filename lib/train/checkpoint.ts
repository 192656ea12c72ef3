/** A run's state on disk: `checkpoint-<step>` folders as the Trainer lays them out, written whole or not at all. */
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFileAtomic, writeFolderAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { isObject, type JsonObject, readJson } from "../files/json";
import { SafetensorsFile, writeSafetensors } from "../files/safetensors";
import type { Classifier } from "../model/classifier";
import type { TrainingArguments } from "./arguments";
import type { LogEntry, TrainerState } from "./callbacks";
import type { Optimizer } from "./optimizer";

/** Losses added up so far, so that a resumed run logs what the uninterrupted one logs. */
export interface LossSums {
  /** Since the last log entry. */
  window: number;
  /** Steps in that sum. */
  windowSteps: number;
  /** Since the start. */
  total: number;
}

/** Everything that a run goes on from, beside the weights and moments. */
export interface Progress {
  state: TrainerState;
  losses: LossSums;
}

const FILES = { optimizer: "optimizer.safetensors", state: "trainer_state.json", args: "training_args.json" };

/** The folder of the checkpoint after `step` steps. */
export function checkpointFolder(outputDir: string, step: number): string {
  return path.join(outputDir, `checkpoint-${step}`);
}

/** Writes a checkpoint: weights or adapter, moments, state and arguments. */
export function writeCheckpoint(
  folder: string,
  run: { model: Classifier; optimizer: Optimizer; args: TrainingArguments; progress: Progress },
): void {
  writeFolderAtomic(folder, (beside) => {
    run.model.savePretrained(beside);
    writeSafetensors(path.join(beside, FILES.optimizer), run.optimizer.state());
    writeJson(path.join(beside, FILES.args), toSnakeCase({ ...run.args }));
    writeJson(path.join(beside, FILES.state), stateToJson(run.progress));
  });
}

function writeJson(file: string, value: JsonObject): void {
  writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Goes back to a checkpoint: loads weights and moments into the model and optimizer.
 *
 * @throws {FileFormatError} a file is missing or does not fit the run
 */
export async function readCheckpoint(
  folder: string,
  run: { model: Classifier; optimizer: Optimizer; maxSteps: number },
): Promise<Progress> {
  const file = path.join(folder, FILES.state);
  const progress = stateFromJson(readJson(file), file);
  const { maxSteps } = progress.state;
  if (maxSteps !== run.maxSteps) {
    throw new FileFormatError(
      file,
      `expected a run of ${run.maxSteps} steps, got one of ${maxSteps}. Resume with the same rows, batch size and epochs.`,
    );
  }
  const moments = SafetensorsFile.open(path.join(folder, FILES.optimizer));
  run.optimizer.load(moments, progress.state.globalStep);
  // Last, since it is all or nothing: moments that do not fit leave the model as it was.
  await run.model.load(folder);
  return progress;
}

/** The checkpoint with the most steps in a folder, if there is one. */
export function lastCheckpoint(outputDir: string): string | undefined {
  if (!fs.existsSync(outputDir)) return undefined;
  const steps = fs
    .readdirSync(outputDir)
    .map((name) => /^checkpoint-(\d+)$/.exec(name)?.[1])
    .filter((step) => step !== undefined)
    .map(Number);
  return steps.length === 0 ? undefined : checkpointFolder(outputDir, Math.max(...steps));
}

function stateToJson({ state, losses }: Progress): JsonObject {
  const { logHistory, ...rest } = state;
  return { ...toSnakeCase({ ...rest }), losses: toSnakeCase({ ...losses }), log_history: logHistory.map(toSnakeCase) };
}

function stateFromJson(json: JsonObject, file: string): Progress {
  const { losses, log_history: history, ...rest } = json;
  const state = toCamelCase(rest);
  if (!Array.isArray(history) || !isObject(losses) || typeof state.globalStep !== "number") {
    throw new FileFormatError(file, "expected global_step, log_history and losses, as this library writes them.");
  }
  const logHistory = history.map((entry) => toCamelCase(entry as JsonObject)) as LogEntry[];
  return {
    state: { ...(state as unknown as TrainerState), logHistory },
    losses: toCamelCase(losses) as unknown as LossSums,
  };
}

function toSnakeCase(value: JsonObject): JsonObject {
  return renameKeys(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function toCamelCase(value: JsonObject): JsonObject {
  return renameKeys(value, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renameKeys(value: JsonObject, rename: (key: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), item]));
}
