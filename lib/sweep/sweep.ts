/** Sweeps: one training for each point of a grid, resumed where it was stopped or killed. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { readJson } from "../files/json";
import { interruptible } from "../process/interrupt";
import { releaseLock, takeLock } from "../process/lock";
import { checkOptions, type OptionKinds } from "../process/options";
import type { RunMetrics } from "../runs/metrics";
import { runPaths } from "../runs/run-folder";
import type { TrainerCallback } from "../train/callbacks";
import type { EngineRun, PlannedTrial } from "./engines/engine";
import { type LocalOptions, runLocally } from "./engines/local";
import { type RayOptions, runOnRay } from "./engines/ray/coordinator";
import { checkMetric, type SweepMetric } from "./metric";
import { type GridPoint, gridOf, type SweepGrid, type TrialChoice, trialPoints } from "./parameters";
import { type FailedTrial, SweepResult, type SweepTrial } from "./result";
import { finishedTrial } from "./trial";
import { SweepWorkspace } from "./workspace";

/** A trial about to begin. */
export interface TrialBegin extends GridPoint {
  /** Number of trials before it. */
  done: number;
  /** Number of trials of the sweep. */
  total: number;
}

/** Listens to a sweep; every method is optional. */
export interface SweepListener {
  /** @param banner a line for each source of models and data */
  onSweepBegin?(banner: string): void;
  onTrialBegin?(trial: TrialBegin): void;
  /** @param share of the steps of a trial in another process that are done, 0 to 1 */
  onTrialProgress?(trial: GridPoint, share: number): void;
  /**
   * @param earlier whether an earlier sweep finished it
   * @param soFar the result with all trials that have ended
   */
  onTrialEnd?(trial: SweepTrial, earlier: boolean, soFar: () => SweepResult): void;
  onSweepEnd?(result: SweepResult): void;
  /** @param text what the engine is doing or waiting for */
  onNote?(text: string): void;
  /** Callback of every training and evaluation in this process. */
  trainer?: TrainerCallback;
}

/** Options of {@link sweep}. */
export interface SweepOptions extends TrialChoice {
  /** Folder of the sweep; each trial has its own in it. */
  out: string;
  /** What the trials are ranked by (default "accuracy"). */
  metric?: SweepMetric;
  /** Where the trials are run (default: in this process, one after another). */
  engine?: LocalOptions | RayOptions;
  /** Replace trials in `out` that have other parameters, which are an error otherwise (default false). */
  overwrite?: boolean;
  /** Never ask the Hugging Face hub (default false). */
  offline?: boolean;
  /** Receives the events of the sweep (default none). */
  listener?: SweepListener;
  /** Ends the sweep after the current step when aborted, as SIGINT does (default none). */
  signal?: AbortSignal;
}

const OPTIONS: OptionKinds<SweepOptions> = {
  grid: "object",
  list: "list",
  seeds: ["number", "list"],
  parameters: "object",
  out: "string",
  metric: "string",
  engine: "object",
  overwrite: "boolean",
  offline: "boolean",
  listener: "object",
  signal: "object",
};

const LOCAL: OptionKinds<LocalOptions> = { name: "string", parallel: "number", threads: "number" };
const RAY: OptionKinds<RayOptions> = {
  name: "string",
  address: "string",
  storage: "string",
  cpus: "number",
  gpus: "number",
  tokenFile: "string",
  project: "string",
  jobs: "number",
};

/**
 * Trains once for each combination of the grid, or each trial of the list. Weights, tokens and the evaluation before
 * training are shared. A trial is known by its id, a hash of its parameters, of the exact versions of model and data and of
 * the library's: what was finished in `out` is read, interrupted trials are resumed from their last checkpoint.
 *
 * SIGINT (a notebook's stop button, Ctrl-C) ends it after the current step.
 *
 * @throws {RangeError} the grid is empty or a parameter is unknown or out of range
 * @throws {FileFormatError} `out` has trials of the same names with other parameters, and `overwrite` is not true
 *
 * @example
 * ```ts
 * import { show, sweep } from "ethics-for-robots";
 *
 * const result = await sweep({
 *   out: "runs/sweep",
 *   grid: { rank: [4, 8], alpha: [8, 16] },
 *   parameters: { demo: true, trainLimit: 40, evalLimit: 40 },
 * });
 * await show(result);
 * ```
 */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  checkOptions("sweep", options, OPTIONS);
  const { engine } = options;
  if (engine?.name === "local") checkOptions("the engine local", engine, LOCAL);
  if (engine?.name === "ray") checkOptions("the engine ray", engine, RAY);
  const { listener, offline = false, metric = "accuracy" } = options;
  checkMetric(metric);
  const points = trialPoints(options);
  const callbacks = listener?.trainer ? [listener.trainer] : [];
  const workspace = new SweepWorkspace({ offline, callbacks });
  const giveBack = lockSweep(options.out);
  try {
    const { planned, banner } = await plan(points, options, workspace);
    listener?.onSweepBegin?.(banner);
    const progress = new Progress(planned, options);
    await interruptible((signal) => progress.runAll({ workspace, callbacks, signal }), options.signal);
    const result = progress.result();
    listener?.onSweepEnd?.(result);
    return result;
  } finally {
    giveBack();
    workspace.dispose();
  }
}

/** A trial to run, or its earlier result. */
interface Planned extends PlannedTrial {
  /** Result of an earlier sweep. */
  earlier: RunMetrics | undefined;
}

/** Chooses models and data and reads earlier results, before anything is trained. */
async function plan(
  points: readonly GridPoint[],
  { out, overwrite = false }: SweepOptions,
  workspace: SweepWorkspace,
): Promise<{ planned: Planned[]; banner: string }> {
  const folders = trialFolders(out);
  const planned: Planned[] = [];
  const lines = new Set<string>();
  for (const [index, gridPoint] of points.entries()) {
    const sources = await workspace.sources(gridPoint.parameters);
    for (const line of sources.banner.split("\n")) lines.add(line);
    const record = await workspace.record(gridPoint.parameters);
    const folder = path.join(out, folders.get(record.id) ?? gridPoint.name);
    const earlier = finishedTrial(folder, record, { overwrite });
    if (earlier) workspace.knowBaseline(record, earlier.baseline, earlier.evalSeconds);
    planned.push({ ...gridPoint, index, record, folder, earlier });
  }
  return { planned, banner: [...lines].join("\n") };
}

/** The trials that lie in a sweep's folder: the names of their folders by their ids. */
function trialFolders(out: string): Map<string, string> {
  if (!existsSync(out)) return new Map();
  const files = readdirSync(out).map((name) => ({ name, file: runPaths(path.join(out, name)).trial }));
  const trials = files.filter(({ file }) => existsSync(file));
  return new Map(trials.map(({ name, file }) => [String(readJson(file).id), name]));
}

/**
 * Keeps a second sweep out of the folder.
 * @returns gives it back
 * @throws another process sweeps there
 */
function lockSweep(out: string): () => void {
  mkdirSync(out, { recursive: true });
  const file = path.join(out, ".sweep.lock");
  const holder = takeLock(file);
  if (holder === undefined) return () => releaseLock(file);
  const { process: id, host } = holder;
  throw new Error(
    `\`${out}\`: expected a folder in which no other sweep runs, got process ${id} on ${host}. End it first, or delete ${file} if it is gone.`,
  );
}

/** Follows the trials of a sweep, and tells its listener. */
class Progress {
  readonly #ended: { index: number; trial: SweepTrial }[] = [];
  readonly #failed: FailedTrial[] = [];
  readonly #grid: SweepGrid;

  constructor(
    readonly planned: readonly Planned[],
    readonly options: SweepOptions,
  ) {
    this.#grid = gridOf(planned);
  }

  /** Reads the earlier results, then runs the rest. */
  async runAll(run: Pick<EngineRun, "workspace" | "callbacks" | "signal">): Promise<void> {
    const { out, overwrite = false, offline = false, listener, engine = { name: "local" } } = this.options;
    for (const trial of this.planned) {
      if (!trial.earlier) continue;
      this.#began(trial);
      this.#end(trial, trial.earlier, { earlier: true });
    }
    const trials = this.planned.filter(({ earlier }) => !earlier);
    if (trials.length === 0) return;
    const engineRun: EngineRun = {
      ...{ ...run, trials, out, overwrite, offline },
      began: (trial) => this.#began(trial),
      progress: (trial, share) => listener?.onTrialProgress?.(trial, share),
      ended: (trial, metrics) => {
        run.workspace.knowBaseline(trial.record, metrics.baseline, metrics.evalSeconds);
        this.#end(trial, metrics, { earlier: false });
      },
      failed: ({ point }, reason) => void this.#failed.push({ point, reason }),
      note: (text) => listener?.onNote?.(text),
    };
    await (engine.name === "ray" ? runOnRay(engineRun, engine) : runLocally(engineRun, engine));
  }

  result(): SweepResult {
    const { metric, seeds } = this.options;
    const trials = [...this.#ended].sort((a, b) => a.index - b.index).map(({ trial }) => trial);
    const [failed, seeded] = [[...this.#failed], seeds !== undefined];
    const stopped = trials.length + failed.length < this.planned.length;
    return new SweepResult(this.#grid, trials, stopped, { seeded, failed, ...(metric && { metric }) });
  }

  #began({ point, parameters, name }: PlannedTrial): void {
    const done = this.#ended.length + this.#failed.length;
    this.options.listener?.onTrialBegin?.({ point, parameters, name, done, total: this.planned.length });
  }

  #end({ index, point, folder }: PlannedTrial, metrics: RunMetrics, { earlier }: { earlier: boolean }): void {
    checkMetric(this.options.metric ?? "accuracy", metrics.final);
    const trial = { point, folder, metrics };
    this.#ended.push({ index, trial });
    this.options.listener?.onTrialEnd?.(trial, earlier, () => this.result());
  }
}
