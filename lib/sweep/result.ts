/** Results of sweeps: finished trials, settings over their seeds, and what failed. */
import { inspect } from "node:util";
import { type Frame, toDataFrame } from "../data/frame";
import type { RunMetrics, SplitResult } from "../runs/metrics";
import type { SweepMetric } from "./metric";
import type { SweepGrid, TrialParameters } from "./parameters";

/** A finished trial. */
export interface SweepTrial {
  /** The swept parameters alone. */
  point: Partial<TrialParameters>;
  folder: string;
  /** The content of its metrics.json. */
  metrics: RunMetrics;
}

/** A trial that ended without a result. */
export interface FailedTrial {
  point: Partial<TrialParameters>;
  reason: string;
}

/** The trials that differ in their seed alone. */
export class SweepSetting {
  /** @internal */
  constructor(
    /** The swept parameters without the seed. */
    readonly point: Partial<TrialParameters>,
    readonly trials: readonly SweepTrial[],
  ) {}

  /** Mean of a metric over the seeds; NaN where trials do not have it. */
  mean(name: SweepMetric): number {
    return this.#values(name).reduce((sum, value) => sum + value, 0) / this.trials.length;
  }

  /** Sample standard deviation of a metric over the seeds, with n − 1; undefined with one seed. */
  spread(name: SweepMetric): number | undefined {
    const [values, mean] = [this.#values(name), this.mean(name)];
    if (values.length < 2) return undefined;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  }

  /** Seconds of training of all its trials. */
  get seconds(): number {
    return this.trials.reduce((sum, { metrics }) => sum + metrics.trainSeconds, 0);
  }

  #values(name: SweepMetric): number[] {
    return this.trials.map(({ metrics }) => metrics.final[name] ?? Number.NaN);
  }
}

/** Further properties of a {@link SweepResult}. */
export interface ResultDetails {
  /** What the trials are ranked by (default "accuracy"). */
  metric?: SweepMetric;
  /** Whether each setting was trained with several seeds (default false). */
  seeded?: boolean;
  failed?: readonly FailedTrial[];
}

/** Result of a sweep. */
export class SweepResult {
  readonly metric: SweepMetric;
  /** Trials that ended without a result; the same call tries them again. */
  readonly failed: readonly FailedTrial[];
  /** Whether each setting was trained with several seeds. */
  readonly isSeeded: boolean;

  /** @internal Use `sweep`. */
  constructor(
    readonly grid: SweepGrid,
    /** The finished trials, in the order of the grid. */
    readonly trials: readonly SweepTrial[],
    /** Whether it ended early; the same call resumes it. */
    readonly stopped: boolean,
    { metric = "accuracy", seeded = false, failed = [] }: ResultDetails = {},
  ) {
    this.metric = metric;
    this.failed = failed;
    this.isSeeded = seeded;
  }

  /** The best trial of the best setting; undefined without trials. */
  get best(): SweepTrial | undefined {
    const [first] = this.settings;
    return first && this.#ranked(first.trials.map((trial) => new SweepSetting(trial.point, [trial])))[0]?.trials[0];
  }

  /** The settings, the best first: by the mean of the metric over the seeds, of equal ones by the lower loss. */
  get settings(): SweepSetting[] {
    const settings = new Map<string, SweepTrial[]>();
    for (const trial of this.trials) {
      const key = JSON.stringify(this.#settingOf(trial));
      settings.set(key, [...(settings.get(key) ?? []), trial]);
    }
    return this.#ranked(
      [...settings.values()].map((trials) => new SweepSetting(this.#settingOf(trials[0] as SweepTrial), trials)),
    );
  }

  /** Seconds of training of all trials together. */
  get trialSeconds(): number {
    return this.trials.reduce((sum, { metrics }) => sum + metrics.trainSeconds, 0);
  }

  /** A row for each setting, the best first: means over the seeds, and the seconds of all of them. */
  get rows(): Record<string, unknown>[] {
    return this.settings.map((setting) => {
      const { trials, point } = setting;
      const [{ metrics }] = trials as [SweepTrial];
      const { accuracy, loss, ...own } = means(setting, metrics.final);
      const spread = this.isSeeded ? { [`${this.metric} ±`]: setting.spread(this.metric), seeds: trials.length } : {};
      const cost = { trainable: metrics.trainableParameters, seconds: Math.round(setting.seconds) };
      const before = trials.reduce((sum, trial) => sum + trial.metrics.baseline.accuracy, 0) / trials.length;
      return { ...point, accuracy, ...own, ...spread, before, loss, ...cost };
    });
  }

  /** Lines below the table: the cost, and what failed. */
  get notes(): string[] {
    const lines = this.failed.map(({ point, reason }) => `failed: ${inspect(point)}: ${reason.split("\n")[0]}`);
    const more = lines.length > 5 ? [`… ${lines.length} failed in all`] : [];
    return [`${Math.round(this.trialSeconds)} trial-seconds`, ...lines.slice(0, 5), ...more];
  }

  /** The rows as a danfo DataFrame. */
  toDataFrame(): Frame {
    return toDataFrame(this.rows, Object.keys(this.rows[0] ?? this.grid));
  }

  [inspect.custom](): string {
    const { best, trials, stopped, metric, failed } = this;
    const of = best ? `, best ${inspect(best.point)} with ${metric} ${best.metrics.final[metric]?.toFixed(4)}` : "";
    const not = failed.length > 0 ? `, ${failed.length} failed` : "";
    return `SweepResult(${trials.length} trials${not}${stopped ? ", stopped early" : ""}${of})`;
  }

  #settingOf({ point }: SweepTrial): Partial<TrialParameters> {
    const { seed: _, ...rest } = point;
    return this.isSeeded ? rest : point;
  }

  #ranked(settings: SweepSetting[]): SweepSetting[] {
    const sign = this.metric === "loss" ? 1 : -1;
    const by = (setting: SweepSetting): [number, number] => [setting.mean(this.metric), setting.mean("loss")];
    const keyed = settings.map((setting) => ({ setting, key: by(setting) }));
    keyed.sort(({ key: [a, lossA] }, { key: [b, lossB] }) => sign * (a - b) || lossA - lossB);
    return keyed.map(({ setting }) => setting);
  }
}

/** The mean of every figure of an evaluation. */
function means(setting: SweepSetting, final: SplitResult): Record<string, number> {
  const names = Object.keys(final) as SweepMetric[];
  return Object.fromEntries(names.map((name) => [name, setting.mean(name)]));
}
