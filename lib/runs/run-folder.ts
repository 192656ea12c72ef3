/** Files and folders in a run's folder. */
import { join } from "node:path";

/** Their names. Trials of sweeps use the same ones. */
export const RUN_FILES = {
  /** The executed notebook of a finished run. */
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

/** Paths of everything that a run's folder may hold. */
export function runPaths(folder: string): Record<keyof typeof RUN_FILES, string> {
  const paths = Object.entries(RUN_FILES).map(([part, name]) => [part, join(folder, name)]);
  return Object.fromEntries(paths) as Record<keyof typeof RUN_FILES, string>;
}
