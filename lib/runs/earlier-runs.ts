/** Keeps an earlier run when its folder is used for the next one. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { RUN_FILES } from "./run-folder";

const { earlier, checkpoints, adapter, metrics, log, tensorboard, notebook, html } = RUN_FILES;

/** Any of these shows that there was a run. A log alone does not: `npm start` begins it before the notebook runs. */
const RESULTS = [checkpoints, adapter, metrics];
/** What is moved. A sweep stays, since its trials do not depend on the run. */
const PARTS = [...RESULTS, log, tensorboard, notebook, html];

/**
 * Makes room for a new run: moves what an earlier one left in the folder to `earlier/1`, `earlier/2`, … inside it, so
 * that nothing is mixed and `compareRuns` finds both. Call it before anything of the new run is written, and not when a
 * run is resumed. The next call completes a move that was cut off.
 *
 * @returns where the earlier run is now, or undefined if there was none
 */
export function keepEarlierRun(folder: string): string | undefined {
  const isThere = (part: string): boolean => existsSync(join(folder, part));
  const moving = join(earlier, ".moving");
  if (!RESULTS.some(isThere) && !isThere(moving)) return undefined;
  mkdirSync(join(folder, moving), { recursive: true });
  for (const part of PARTS.filter(isThere)) renameSync(join(folder, part), join(folder, moving, part));
  let number = 1;
  while (isThere(join(earlier, `${number}`))) number++;
  const kept = join(folder, earlier, `${number}`);
  renameSync(join(folder, moving), kept);
  return kept;
}
