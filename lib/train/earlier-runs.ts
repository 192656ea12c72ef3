/** What keeps a run when the same folder is used for the next one. */
import * as fs from "node:fs";
import * as path from "node:path";

/** The log: while a folder has it, there is a run in it. */
const LOG = "log.jsonl";
/** What a run leaves in its folder, the log last. A sweep stays: its trials do not depend on the run. */
const PARTS = ["metrics.json", "adapter", "checkpoints", "tensorboard", LOG];

/**
 * Makes room for a new run: what an earlier one has left in the folder moves into `earlier/1`, `earlier/2`, … in it, so
 * that nothing is mixed and `compareRuns` finds both. Call it before anything of the new run is written, and not when a
 * run is to be gone on with.
 *
 * @returns where the earlier run is now; nothing when there was none
 */
export function keepEarlierRun(folder: string): string | undefined {
  if (!fs.existsSync(path.join(folder, LOG))) return undefined;
  const place = (number: number): string => path.join(folder, "earlier", `${number}`);
  let number = 1;
  while (fs.existsSync(path.join(place(number), LOG))) number++;
  fs.mkdirSync(place(number), { recursive: true });
  for (const part of PARTS) {
    const [from, to] = [path.join(folder, part), path.join(place(number), part)];
    if (fs.existsSync(from)) fs.renameSync(from, to);
  }
  return place(number);
}
