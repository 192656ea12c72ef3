/** What stands in a run's folder, and what becomes of it when a run begins there. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { withDiskAdvice } from "../../lib/files/atomic";
import { FileFormatError } from "../../lib/files/errors";
import { isAlive } from "../../lib/process/alive";
import { type Holder, releaseLock, takeLock } from "../../lib/process/lock";
import { type RunParameters, readRunParameters } from "../../lib/runs/parameters";
import { RUN_FILES, runPaths } from "../../lib/runs/run-folder";
import { flagOf, type Given, UsageError } from "../cli/command-line";
import { INITIAL_VALUES } from "../cli/options";
import { callerFolder, newRunName, withAbsolutePaths } from "../cli/paths";

/** What a run leaves in its folder; nothing else is ever deleted there. */
const { notebook, html, failedNotebook, metrics, log, adapter, checkpoints, sweep, tensorboard } = RUN_FILES;
const PRODUCTS = [notebook, html, failedNotebook, metrics, log, adapter, checkpoints, sweep, tensorboard];

/** Where a run folder stands. */
export type FolderState = "new" | "cut off" | "finished";

/** @returns whether a run was finished in the folder, was cut off after its first checkpoint, or none is there */
export function folderState(folder: string): FolderState {
  const { notebook, adapter, checkpoints } = runPaths(folder);
  // The notebook is written last where there is one; without, the adapter, whose folder is there before its weights.
  if (existsSync(notebook) || existsSync(join(adapter, "adapter_model.safetensors"))) return "finished";
  if (existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^checkpoint-\d+$/.test(name)))
    return "cut off";
  return "new";
}

/** Deletes what an earlier run left in the folder. */
export function clearRun(folder: string): void {
  for (const name of PRODUCTS) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Where a run keeps what only it needs: a folder in its own, named after its process. */
export function workingFolder(folder: string): string {
  return join(folder, `.run-${process.pid}`);
}

/** @returns the process of a run that is at work in the folder, if there is one */
function runningIn(folder: string): number | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const numbers = names.flatMap((name) => Number(/^\.run-(\d+)$/.exec(name)?.[1]) || []);
  return numbers.find((id) => id !== process.pid && isAlive(id));
}

/** Deletes what a run that was killed had not finished writing. */
function clearRemains(folder: string): void {
  for (const place of [folder, runPaths(folder).checkpoints].filter(existsSync)) {
    const remains = readdirSync(place).filter((name) => /^\.run-\d+$|\.part$/.test(name));
    for (const name of remains) rmSync(join(place, name), { recursive: true, force: true });
  }
}

/** @throws {UsageError} the log does not begin with the parameters */
function startedWith(folder: string): Given {
  try {
    return { ...readRunParameters(folder) } as unknown as Given;
  } catch (error) {
    if (!(error instanceof FileFormatError)) throw error;
    throw new UsageError(
      `\`--resume\`: expected a run with its parameters in its log, got one without in ${folder}. ` +
        "Go on in the notebook where it was begun: `resume: true` in the settings cell, restart the kernel, run all cells.",
    );
  }
}

/**
 * Decides what becomes of the folder and of the parameters.
 * @returns every parameter of the run: those given, or for a resumed run those it was started with, and the initial values
 * The folder is this process's until {@link releaseRun}.
 * @throws UsageError when a run would be lost or is not there to be resumed
 */
export function prepareRun(folder: string, given: Given): Given {
  const lock = lockOf(folder);
  const made = mkdirSync(folder, { recursive: true });
  const holder = tryLock(lock);
  if (holder !== undefined) {
    const isHere = holder.host === hostname();
    const unseen =
      "This machine cannot see whether it still runs. Only if it does not, as after a container was replaced,";
    throw new UsageError(
      `\`--out\`: expected a folder without a run at work, got process ${holder.process}'s of ${holder.host} in ${folder}. ` +
        `${isHere ? "If that process is no run of this notebook," : unseen} delete ${lock}.`,
    );
  }
  try {
    return prepareAlone(folder, given);
  } catch (error) {
    releaseRun(folder);
    if (made !== undefined && readdirSync(folder).length === 0) rmdirSync(folder);
    throw error;
  }
}

/** @throws {Error} the disk is full */
function tryLock(lock: string): Holder | undefined {
  try {
    return takeLock(lock);
  } catch (error) {
    throw withDiskAdvice(error, lock);
  }
}

/** The lock of a folder's run. */
function lockOf(folder: string): string {
  return join(folder, ".run.lock");
}

/**
 * The typed parameters with the run's folder, and paths from where they were typed.
 *
 * @param home whose `runs/` has a run that is given no folder
 * @throws {UsageError} nothing says what to resume
 */
export function withFolders(typed: Given, home: string): Given & { out: string } {
  const out = typeof typed.out === "string" ? resolve(callerFolder(), typed.out) : undefined;
  if (typed.resume && !out) throw new UsageError("`--resume`: expected together with --out, got no folder.");
  return { ...withAbsolutePaths(typed), out: out ?? join(home, "runs", newRunName()) };
}

/** The process that starts workers would take all memory of all GPUs, and leave none to them. */
export function shareGpus({ workers = 1, workerHosts = [] }: Partial<RunParameters>): void {
  if (workers > 1 || workerHosts.length > 0) process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
}

/** Lets others have the folder. */
export function releaseRun(folder: string): void {
  releaseLock(lockOf(folder));
}

function prepareAlone(folder: string, given: Given): Given {
  const { overwrite, resume, ...parameters } = given;
  const running = runningIn(folder);
  if (running !== undefined) {
    throw new UsageError(
      `\`--out\`: expected a folder without a run at work, got process ${running}'s in ${folder}. ` +
        `If that process is no run of this notebook, delete ${join(folder, `.run-${running}`)}.`,
    );
  }
  const state = folderState(folder);
  if (overwrite && resume) throw new UsageError("`--resume`: expected without --overwrite, got both.");
  if (resume) {
    if (state === "finished") {
      throw new UsageError(
        `\`--resume\`: expected a cut-off run in ${folder}, got a finished one. Nothing is left to do.`,
      );
    }
    if (state === "new") {
      throw new UsageError(`\`--resume\`: expected a cut-off run in ${folder}, got no checkpoint. Leave --resume out.`);
    }
    const started = startedWith(folder);
    checkSame(parameters, started);
    clearRemains(folder);
    return { ...started, ...parameters, resume: true };
  }
  if (state !== "new" && !overwrite) {
    const remedy = state === "finished" ? "" : "--resume goes on with it, ";
    throw new UsageError(
      `\`--out\`: expected a folder without a run, got a ${state} one in ${folder}. ${remedy}--overwrite replaces it.`,
    );
  }
  clearRun(folder);
  clearRemains(folder);
  return { ...INITIAL_VALUES, ...parameters };
}

function checkSame(given: Given, started: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (name !== "out" && JSON.stringify(value) !== JSON.stringify(started[name])) {
      const before = JSON.stringify(started[name]);
      throw new UsageError(
        `\`${flagOf(name)}\`: expected as the run was started (${before}), got ${JSON.stringify(value)}.`,
      );
    }
  }
}
