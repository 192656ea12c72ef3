/** The names of all files and folders in a run's folder. */
import { join } from "node:path";

/** What each is called. A trial of a sweep has a run's folder too. */
export const RUN_FILES = {
  /** The executed notebook, written at the end of a run that finished. */
  notebook: "ethics.ipynb",
  /** The same as a web page. */
  html: "ethics.html",
  /** The notebook up to the cell that failed or was stopped. */
  failedNotebook: "ethics.failed.ipynb",
  metrics: "metrics.json",
  adapter: "adapter",
  checkpoints: "checkpoints",
  log: "log.jsonl",
  tensorboard: "tensorboard",
  /** A sweep that belongs to the run, with a folder for each trial. */
  sweep: "sweep",
  /** The parameters of a sweep's trial. */
  trial: "trial.json",
  /** Earlier runs of the same folder, numbered from 1. */
  earlier: "earlier",
} as const;

/** @returns the paths of everything that a run's folder can hold, whether it is there or not */
export function runPaths(folder: string): Record<keyof typeof RUN_FILES, string> {
  const paths = Object.entries(RUN_FILES).map(([part, name]) => [part, join(folder, name)]);
  return Object.fromEntries(paths) as Record<keyof typeof RUN_FILES, string>;
}
