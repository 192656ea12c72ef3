/** A finished run, opened by a command that works on its model. */
import type { DatasetDict } from "../../lib/data/dataset";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { type Run, reopenRun } from "../../lib/runs/run";
import type { RunTask } from "../../lib/runs/task";

/** Opens a finished run with its data. */
export async function openFinishedRun(folder: string): Promise<{ run: Run; dataset: DatasetDict; task: RunTask }> {
  const run = await reopenRun(folder);
  const dataset = await loadDataset(run.dataset, run.datasetOptions);
  return { run, dataset, task: run.taskFor(dataset) };
}
