/** Compares finished runs. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { inspect } from "node:util";
import { type Frame, toDataFrame } from "../data/frame";
import { FileFormatError } from "../files/errors";
import { isObject, readJson } from "../files/json";
import { type LogLine, LogReader } from "../runs/log";
import type { RunMetrics } from "../runs/metrics";
import { RUN_FILES, runPaths } from "../runs/run-folder";
import type { LogEntry } from "../train/callbacks";
import type { Figure } from "./charts/figure";
import { overlaidCurves } from "./charts/overlaid-curves";
import { recordsTable, tableText } from "./tables/table";

/** A finished run, read from its folder. Runs of other versions may lack settings. */
export interface KeptRun {
  /** Its folder, relative to the one that was searched. */
  name: string;
  metrics: Partial<RunMetrics> & Pick<RunMetrics, "final">;
  /** Log entries, in the order of their steps. */
  log: LogEntry[];
}

/** Settings that have a column where the runs differ in them; rank and alpha always have one. */
// biome-ignore format: short words in rows
const SETTINGS = [
  "model", "dataset", "config", "trainSplit", "evalSplit", "trainRows", "evalRows", "dropout", "targetModules",
  "trainHead", "learningRate", "batchSize", "epochs", "optim", "dtype", "seed", "device",
] as const;

/** Folders inside a run that are not searched. */
const PARTS: readonly string[] = [RUN_FILES.checkpoints, RUN_FILES.adapter, RUN_FILES.tensorboard];

/** Depth of the search; a trial of a run's sweep is two folders below the run. */
const DEPTH = 3;

/** All finished runs of a folder, the best first. */
export class RunComparison {
  /** @internal Use {@link compareRuns}. */
  constructor(
    /** The runs, the best first. */
    readonly runs: readonly KeptRun[],
    /** Folders that look like runs and are not compared, with the reason. */
    readonly skipped: readonly { folder: string; reason: string }[],
  ) {}

  /** A row for each run: results, rank, alpha, and the settings in which the runs differ. */
  get rows(): Record<string, unknown>[] {
    const text = (value: unknown): unknown => (Array.isArray(value) ? value.join(", ") : value);
    const differing = SETTINGS.filter(
      (key) => new Set(this.runs.map(({ metrics }) => JSON.stringify(metrics[key]))).size > 1,
    );
    return this.runs.map(({ name, metrics }) => ({
      run: name,
      accuracy: metrics.final.accuracy,
      before: metrics.baseline?.accuracy,
      loss: metrics.final.loss,
      rank: metrics.rank,
      alpha: metrics.alpha,
      ...Object.fromEntries(differing.map((key) => [key, text(metrics[key])])),
      trainable: metrics.trainableParameters,
      seconds: metrics.trainSeconds === undefined ? undefined : Math.round(metrics.trainSeconds),
    }));
  }

  /** The rows as a danfo DataFrame. */
  toDataFrame(): Frame {
    return toDataFrame(this.rows, Object.keys(this.rows[0] ?? { run: "" }));
  }

  /** Training loss and accuracy of all runs over their steps, in one figure. */
  curves(): Figure {
    return overlaidCurves(this.runs);
  }

  /** A line for each skipped folder, with the reason. */
  get notes(): string[] {
    return this.skipped.map(({ folder, reason }) => `not compared: ${folder}, ${reason}`);
  }

  [inspect.custom](): string {
    const { rows, notes } = this;
    return [rows.length > 0 ? tableText(recordsTable(rows)) : "No finished run to compare.", ...notes].join("\n");
  }
}

/**
 * Reads the runs below a folder. Half-written and unfinished runs are listed as skipped; other folders are ignored.
 *
 * @param folder such as "../runs"
 * @throws {FileFormatError} there is no such folder
 */
export function compareRuns(folder: string): RunComparison {
  if (!existsSync(folder)) {
    throw new FileFormatError(resolve(folder), "expected a folder with runs, got none. `npm start` makes one.");
  }
  const runs: KeptRun[] = [];
  const skipped: { folder: string; reason: string }[] = [];
  for (const found of runFolders(folder, DEPTH)) {
    const name = relative(folder, found) || basename(resolve(folder));
    const metrics = readMetrics(found);
    if (typeof metrics === "string") skipped.push({ folder: name, reason: metrics });
    else runs.push({ name, metrics, log: readLog(runPaths(found).log) });
  }
  const better = (a: KeptRun, b: KeptRun): number =>
    b.metrics.final.accuracy - a.metrics.final.accuracy || a.metrics.final.loss - b.metrics.final.loss;
  return new RunComparison(runs.sort(better), skipped);
}

/** Folders with metrics.json or log.jsonl; a run may hold a sweep. */
function runFolders(folder: string, depth: number): string[] {
  const own = [RUN_FILES.metrics, RUN_FILES.log].some((name) => existsSync(join(folder, name))) ? [folder] : [];
  if (depth === 0) return own;
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = below.map(({ name }) => name).filter((name) => !name.startsWith(".") && !PARTS.includes(name));
    return [...own, ...names.sort().flatMap((name) => runFolders(join(folder, name), depth - 1))];
  } catch {
    return own; // unreadable folders are ignored
  }
}

/** @returns the content of metrics.json, or why it cannot be used */
function readMetrics(folder: string): KeptRun["metrics"] | string {
  const file = runPaths(folder).metrics;
  if (!existsSync(file)) return "not finished: it has a log and no metrics.json";
  try {
    const metrics = readJson(file);
    const { final } = metrics;
    if (isObject(final) && Number.isFinite(final.accuracy) && Number.isFinite(final.loss)) {
      return metrics as unknown as KeptRun["metrics"];
    }
    return "its metrics.json has no final accuracy and loss";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The entries of log.jsonl; for steps repeated after a stop, the last ones. */
function readLog(file: string): LogEntry[] {
  const entries = new LogReader(file).read().flatMap(entryOf);
  const kindOf = ({ step, loss }: LogEntry): string => `${step} ${loss === undefined ? "evaluation" : "loss"}`;
  const last = new Map(entries.map((entry) => [kindOf(entry), entry]));
  return [...last.values()].sort((a, b) => a.step - b.step);
}

function entryOf({ event, logs }: LogLine): LogEntry[] {
  const useful = event === "log" && isObject(logs) && Number.isFinite(logs.step);
  return useful && (logs.loss !== undefined || logs.evalLoss !== undefined) ? [logs as LogEntry] : [];
}
