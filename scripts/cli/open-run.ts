/** A finished run, opened by a command that works on its model. */
import type { DatasetDict } from "../../lib/data/dataset";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { type Run, reopenRun } from "../../lib/runs/run";
import type { RunTask } from "../../lib/runs/task";

/** A finished run, opened with its data. */
interface FinishedRun {
  run: Run;
  dataset: DatasetDict;
  task: RunTask;
}

/** @param options.offline never asks the hub (default as the run itself) */
export async function openFinishedRun(folder: string, options: { offline?: boolean } = {}): Promise<FinishedRun> {
  const run = await reopenRun(folder, options);
  const dataset = await loadDataset(run.dataset, run.datasetOptions);
  return { run, dataset, task: run.taskFor(dataset) };
}
