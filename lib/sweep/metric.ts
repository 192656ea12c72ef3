/** What the trials of a sweep are ranked by. */
import { FIGURE_NAMES, type FigureKey } from "../ethics/parts";

/** A figure of a trial's last evaluation. */
export type SweepMetric = "accuracy" | "loss" | FigureKey;

/** The names of {@link SweepMetric}. */
export const SWEEP_METRICS = ["accuracy", "loss", ...Object.keys(FIGURE_NAMES)] as readonly SweepMetric[];

/**
 * @param final figures of a trial, once there are some
 * @throws {RangeError} there is no such metric, or the trial does not have it
 */
export function checkMetric(metric: SweepMetric, final?: object): void {
  const known: readonly string[] = final ? Object.keys(final) : SWEEP_METRICS;
  if (known.includes(metric)) return;
  throw new RangeError(`\`metric\`: expected one of ${known.join(", ")}, got ${metric}.`);
}
