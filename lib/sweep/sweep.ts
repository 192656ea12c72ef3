/** Sweeps: one training for each point of a grid, resumed where it was stopped or killed. */
import * as path from "node:path";
import { inspect } from "node:util";
import { type Frame, toDataFrame } from "../data/frame";
import { interruptible, nextTurn } from "../process/interrupt";
import type { RunMetrics } from "../runs/metrics";
import type { TrainerCallback } from "../train/callbacks";
import { trialIdentity } from "./identity";
import { type GridPoint, gridPoints, type SweepGrid, type TrialParameters } from "./parameters";
import { finishedTrial, runTrial } from "./trial";
import { SweepWorkspace } from "./workspace";

/** A finished trial. */
export interface SweepTrial {
  /** The swept parameters alone. */
  point: Partial<TrialParameters>;
  folder: string;
  /** The content of its metrics.json. */
  metrics: RunMetrics;
}

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
  /** @param earlier whether an earlier sweep finished it */
  onTrialEnd?(trial: SweepTrial, earlier: boolean): void;
  onSweepEnd?(result: SweepResult): void;
  /** Callback of every training and evaluation. */
  trainer?: TrainerCallback;
}

/** Options of {@link sweep}. */
export interface SweepOptions {
  /** Values by the names of parameters, such as `{ rank: [4, 8], alpha: [8, 16] }`: every combination is a trial. */
  grid: SweepGrid;
  /** Folder of the sweep; each trial has its own in it. */
  out: string;
  /** The other parameters (default: those of the notebook). */
  parameters?: Partial<TrialParameters>;
  /** Replace trials in `out` that have other parameters, which are an error otherwise (default false). */
  overwrite?: boolean;
  /** Never ask the Hugging Face hub (default false). */
  offline?: boolean;
  /** Receives the events of the sweep (default none). */
  listener?: SweepListener;
  /** Ends the sweep after the current step when aborted, as SIGINT does (default none). */
  signal?: AbortSignal;
}

/** Result of a sweep. */
export class SweepResult {
  /** @internal Use {@link sweep}. */
  constructor(
    readonly grid: SweepGrid,
    /** The finished trials, in the order of the grid. */
    readonly trials: readonly SweepTrial[],
    /** Whether it ended early; the same call resumes it. */
    readonly stopped: boolean,
  ) {}

  /** The trial with the highest accuracy, of equal ones the one with the lowest loss; undefined without trials. */
  get best(): SweepTrial | undefined {
    return this.#ranked[0];
  }

  /** A row for each trial, the best first, including the paper's metric where that is not accuracy. */
  get rows(): Record<string, unknown>[] {
    return this.#ranked.map(({ point, metrics }) => {
      const { loss, accuracy, ...own } = metrics.final;
      const [trainable, seconds] = [metrics.trainableParameters, Math.round(metrics.trainSeconds)];
      return { ...point, accuracy, ...own, before: metrics.baseline.accuracy, loss, trainable, seconds };
    });
  }

  get #ranked(): SweepTrial[] {
    const better = ({ metrics: { final: a } }: SweepTrial, { metrics: { final: b } }: SweepTrial): number =>
      b.accuracy - a.accuracy || a.loss - b.loss;
    return [...this.trials].sort(better);
  }

  /** The rows as a danfo DataFrame. */
  toDataFrame(): Frame {
    return toDataFrame(this.rows, Object.keys(this.rows[0] ?? this.grid));
  }

  [inspect.custom](): string {
    const { best, trials, stopped } = this;
    const of = best ? `, best ${inspect(best.point)} with accuracy ${best.metrics.final.accuracy.toFixed(4)}` : "";
    return `SweepResult(${trials.length} trials${stopped ? ", stopped early" : ""}${of})`;
  }
}

/**
 * Trains once for each combination of the grid. Weights, tokens and the evaluation before training are shared. Trials that
 * were finished in `out` are read, interrupted ones are resumed from their last checkpoint.
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
  const { grid, listener, overwrite = false } = options;
  const points = gridPoints(grid, options.parameters);
  const callbacks = listener?.trainer ? [listener.trainer] : [];
  const workspace = new SweepWorkspace({ offline: options.offline ?? false, callbacks });
  const trials: SweepTrial[] = [];
  const runAll = async (planned: readonly Planned[], signal: AbortSignal): Promise<void> => {
    for (const { gridPoint, folder, earlier } of planned) {
      if (signal.aborted) return;
      const { point, parameters } = gridPoint;
      listener?.onTrialBegin?.({ ...gridPoint, done: trials.length, total: points.length });
      const metrics = earlier ?? (await runTrial(parameters, { folder, workspace, overwrite, callbacks, signal }));
      if (metrics === undefined) return;
      const trial = { point, folder, metrics };
      trials.push(trial);
      listener?.onTrialEnd?.(trial, earlier !== undefined);
      await nextTurn();
    }
  };
  try {
    const { planned, banner } = await plan(points, options, workspace);
    listener?.onSweepBegin?.(banner);
    await interruptible((signal) => runAll(planned, signal), options.signal);
    const result = new SweepResult(grid, trials, trials.length < points.length);
    listener?.onSweepEnd?.(result);
    return result;
  } finally {
    workspace.dispose();
  }
}

/** A trial to run, or its earlier result. */
interface Planned {
  gridPoint: GridPoint;
  folder: string;
  /** Result of an earlier sweep. */
  earlier: RunMetrics | undefined;
}

/** Chooses models and data and reads earlier results, before anything is trained. */
async function plan(
  points: readonly GridPoint[],
  { out, overwrite = false }: SweepOptions,
  workspace: SweepWorkspace,
): Promise<{ planned: Planned[]; banner: string }> {
  const planned: Planned[] = [];
  const lines = new Set<string>();
  for (const gridPoint of points) {
    const sources = await workspace.sources(gridPoint.parameters);
    for (const line of sources.banner.split("\n")) lines.add(line);
    const folder = path.join(out, gridPoint.name);
    const identity = trialIdentity(gridPoint.parameters, sources);
    const earlier = finishedTrial(folder, identity, { overwrite });
    if (earlier) workspace.knowBaseline(identity, earlier.baseline, earlier.evalSeconds);
    planned.push({ gridPoint, folder, earlier });
  }
  return { planned, banner: [...lines].join("\n") };
}
