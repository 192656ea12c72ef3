/** Tracks the best evaluation by the metric that the settings name. */
import * as fs from "node:fs";
import type { ResolvedArguments } from "./arguments";
import type { TrainerState } from "./callbacks";
import { checkpointFolder } from "./checkpoint";

/**
 * The name that evaluations give a metric.
 *
 * @param name as "loss", "evalLoss" or Python's "eval_loss"
 */
export function evaluationKey(name: string): string {
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return /^eval[A-Z]/.test(camel) ? camel : `eval${camel.charAt(0).toUpperCase()}${camel.slice(1)}`;
}

/** Whether a value is strictly better than another. */
export function isBetter(args: Pick<ResolvedArguments, "greaterIsBetter">, value: number, than: number): boolean {
  return args.greaterIsBetter ? value > than : value < than;
}

/**
 * Records an evaluation if it is the best so far.
 *
 * @returns whether it is the best so far
 * @throws {RangeError} the evaluation has no such metric
 */
export function noteEvaluation(args: ResolvedArguments, state: TrainerState, metrics: Record<string, number>): boolean {
  if (args.metricForBestModel === "") return false;
  const key = evaluationKey(args.metricForBestModel);
  const value = metrics[key];
  if (value === undefined) {
    throw new RangeError(
      `\`metricForBestModel\`: expected one of ${Object.keys(metrics).join(", ")}; got ${args.metricForBestModel}.`,
    );
  }
  const worst = args.greaterIsBetter ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (!isBetter(args, value, state.bestMetric ?? worst)) return false;
  state.bestMetric = value;
  if (args.saveStrategy !== "no") state.bestGlobalStep = state.globalStep;
  return true;
}

/** Records the best checkpoint's folder; call it before the checkpoint of the current step is written. */
export function noteCheckpoint(args: ResolvedArguments, state: TrainerState): void {
  if (state.bestGlobalStep === undefined) return;
  const folder = checkpointFolder(args.outputDir, state.bestGlobalStep);
  if (state.bestGlobalStep === state.globalStep || fs.existsSync(folder)) state.bestModelCheckpoint = folder;
}
