/** Ends a run whose evaluations no longer get better. */

import { checkOptions } from "../process/options";
import { evaluationKey, isBetter } from "./best-metric";
import type { TrainerCallback, TrainerEvent } from "./callbacks";

/** transformers' `EarlyStoppingCallback`. */
export class EarlyStoppingCallback implements TrainerCallback {
  private readonly patience: number;
  private readonly threshold: number;
  private failures = 0;

  /**
   * @param options.patience evaluations in a row that may fail to improve (default 1)
   * @param options.threshold the least improvement that counts (default 0)
   */
  constructor(options: { patience?: number; threshold?: number } = {}) {
    checkOptions("EarlyStoppingCallback", options, { patience: "number", threshold: "number" });
    this.patience = options.patience ?? 1;
    this.threshold = options.threshold ?? 0;
  }

  /** @throws {RangeError} the run has no metric to go by, or is never evaluated */
  onTrainBegin({ args }: TrainerEvent): void {
    if (args.metricForBestModel === "" || args.evalStrategy === "no") {
      throw new RangeError(
        `\`EarlyStoppingCallback\`: expected metricForBestModel and evalStrategy, got "${args.metricForBestModel}" and "${args.evalStrategy}".`,
      );
    }
  }

  onEvaluate({ args, state, control, metrics }: TrainerEvent): void {
    const key = evaluationKey(args.metricForBestModel);
    const value = metrics?.[key];
    if (value === undefined) return;
    const best = state.bestMetric;
    // There is no best value after the first evaluation if none was a number: then nothing got better.
    const isFirst = state.logHistory.filter((entry) => key in entry).length <= 1;
    const better =
      best === undefined ? isFirst : isBetter(args, value, best) && Math.abs(value - best) > this.threshold;
    this.failures = better ? 0 : this.failures + 1;
    if (this.failures >= this.patience) control.shouldTrainingStop = true;
  }

  saveState(): { failures: number } {
    return { failures: this.failures };
  }

  loadState(state: Record<string, unknown>): void {
    this.failures = Number(state.failures ?? 0);
  }
}
