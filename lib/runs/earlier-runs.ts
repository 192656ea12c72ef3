/** Keeps an earlier run when its folder is used again. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { RUN_FILES } from "./run-folder";

const { earlier, checkpoints, adapter, metrics, log, tensorboard, notebook, html } = RUN_FILES;

/** Any of these shows that there was a run; a log alone does not, since `npm start` begins it before the notebook runs. */
const RESULTS = [checkpoints, adapter, metrics];
/** Moved parts. A sweep stays, since its trials do not depend on the run. */
const PARTS = [...RESULTS, log, tensorboard, notebook, html];

/**
 * Moves an earlier run in the folder to `earlier/1`, `earlier/2`, … inside it, where `compareRuns` finds it. Call it before
 * anything of the new run is written, and not for a resumed run. The next call completes a move that was interrupted.
 *
 * @returns the earlier run's new folder; undefined if there was none
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
