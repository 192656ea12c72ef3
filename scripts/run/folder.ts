import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Given, UsageError } from "./command-line";
import { flagOf } from "./options";

/** What a run leaves in its folder; nothing else is ever deleted there. */
const PRODUCTS = [
  ...["ethics.ipynb", "ethics.html", "ethics.failed.ipynb", "metrics.json", "log.jsonl"],
  ...["adapter", "checkpoints", "tensorboard"],
];

/** Where a run folder stands. */
export type FolderState = "new" | "cut off" | "finished";

/** @returns whether a run was finished in the folder, was cut off after its first checkpoint, or none is there */
export function folderState(folder: string): FolderState {
  if (existsSync(join(folder, "ethics.ipynb"))) return "finished";
  const checkpoints = join(folder, "checkpoints");
  if (existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^checkpoint-\d+$/.test(name)))
    return "cut off";
  return "new";
}

/** Deletes what an earlier run left in the folder. */
export function clearRun(folder: string): void {
  for (const name of PRODUCTS) rmSync(join(folder, name), { recursive: true, force: true });
}

/** @returns the parameters that the run in a folder was started with: the first line of its log */
export function startedWith(folder: string): Given {
  const [first = ""] = readFileSync(join(folder, "log.jsonl"), "utf8").split("\n", 1);
  return (JSON.parse(first) as { parameters: Given }).parameters;
}

/**
 * Decides what becomes of the folder and of the parameters.
 * @returns the parameters of the run: those given, or for a resumed run those it was started with
 * @throws UsageError when a run would be lost or is not there to be resumed
 */
export function prepareRun(folder: string, given: Given): Given {
  const { overwrite, resume, ...parameters } = given;
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
    return { ...sameAsStarted(parameters, startedWith(folder)), resume: true };
  }
  if (state !== "new" && !overwrite) {
    const remedy = state === "finished" ? "" : "--resume goes on with it, ";
    throw new UsageError(
      `\`--out\`: expected a folder without a run, got a ${state} one in ${folder}. ${remedy}--overwrite replaces it.`,
    );
  }
  clearRun(folder);
  return parameters;
}

function sameAsStarted(given: Given, started: Given): Given {
  for (const [name, value] of Object.entries(given)) {
    if (name !== "out" && JSON.stringify(value) !== JSON.stringify(started[name])) {
      const before = started[name] === undefined ? "its default" : JSON.stringify(started[name]);
      throw new UsageError(
        `\`${flagOf(name)}\`: expected as the run was started (${before}), got ${JSON.stringify(value)}.`,
      );
    }
  }
  return { ...started, ...given };
}
