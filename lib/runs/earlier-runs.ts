/** What keeps a run when the same folder is used for the next one. */
import * as fs from "node:fs";
import * as path from "node:path";

/** What shows that a run was here. A log alone does not: `npm start` begins it before the notebook runs. */
const RESULTS = ["checkpoints", "adapter", "metrics.json"];
/** All that a run leaves in its folder. A sweep stays: its trials do not depend on the run. */
const PARTS = ["log.jsonl", "tensorboard", "ethics.ipynb", "ethics.html", ...RESULTS];

/**
 * Makes room for a new run: what an earlier one has left in the folder moves into `earlier/1`, `earlier/2`, … in it, so
 * that nothing is mixed and `compareRuns` finds both. Call it before anything of the new run is written, and not when a
 * run is to be gone on with. A move that was cut off is ended by the next call.
 *
 * @returns where the earlier run is now; nothing when there was none
 */
export function keepEarlierRun(folder: string): string | undefined {
  const isThere = (part: string): boolean => fs.existsSync(path.join(folder, part));
  const moving = path.join("earlier", ".moving");
  if (!RESULTS.some(isThere) && !isThere(moving)) return undefined;
  fs.mkdirSync(path.join(folder, moving), { recursive: true });
  for (const part of PARTS.filter(isThere)) fs.renameSync(path.join(folder, part), path.join(folder, moving, part));
  let number = 1;
  while (isThere(path.join("earlier", `${number}`))) number++;
  const kept = path.join(folder, "earlier", `${number}`);
  fs.renameSync(path.join(folder, moving), kept);
  return kept;
}
