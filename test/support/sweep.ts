/** A sweep that takes seconds. */
import type { SweepOptions } from "../../lib/sweep/sweep";

/** Two trials of six steps on a few rows of the demo, with dropout. */
export function smallSweep(out: string): SweepOptions {
  return {
    grid: { rank: [2, 4] },
    out,
    parameters: { demo: true, trainLimit: 24, evalLimit: 16, dropout: 0.1, alpha: 16 },
  };
}
