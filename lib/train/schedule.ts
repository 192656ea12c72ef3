/**
 * The linear schedule of transformers without warm-up.
 *
 * @param base rate of the first step
 * @param step steps made so far, from 0
 * @param total steps of the run
 * @returns the rate of the next step: base · (total − step) / total
 */
export function linearSchedule(base: number, step: number, total: number): number {
  return base * (Math.max(0, total - step) / Math.max(1, total));
}
