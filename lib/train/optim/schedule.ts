/** The learning rate of each step, as transformers' `get_*_schedule` functions give it. */
import type { ResolvedArguments } from "../arguments";

type ScheduleSettings = Pick<
  ResolvedArguments,
  "learningRate" | "lrSchedulerType" | "lrSchedulerKwargs" | "warmupSteps" | "warmupRatio"
>;

/** Steps in which the rate rises. */
export function warmupSteps(args: Pick<ResolvedArguments, "warmupSteps" | "warmupRatio">, total: number): number {
  if (args.warmupSteps >= 1) return Math.trunc(args.warmupSteps);
  return Math.ceil(total * (args.warmupSteps || args.warmupRatio));
}

/**
 * The rate of a step.
 *
 * @param step steps made before it, from 0
 * @param total steps of the run
 */
export function learningRateAt(args: ScheduleSettings, step: number, total: number): number {
  const { learningRate, lrSchedulerType: name, lrSchedulerKwargs: options } = args;
  const warmup = name === "constant" ? 0 : warmupSteps(args, total);
  if (step < warmup) return learningRate * (step / warmup);
  const rest = Math.max(1, total - warmup);
  const progress = (step - warmup) / rest;
  switch (name) {
    case "linear":
      return learningRate * Math.max(0, (total - step) / rest);
    case "cosine":
      return learningRate * Math.max(0, wave(progress, options.numCycles));
    case "cosine_with_restarts": {
      const inWave = ((options.numCycles ?? 1) * progress) % 1;
      return progress >= 1 ? 0 : learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * inWave)));
    }
    case "cosine_with_min_lr": {
      const least = options.minLrRate ?? (options.minLr ?? 0) / learningRate;
      return learningRate * Math.max(0, wave(progress, options.numCycles) * (1 - least) + least);
    }
    case "polynomial": {
      const { lrEnd = 1e-7, power = 1 } = options;
      if (step > total) return learningRate * (lrEnd / learningRate);
      return learningRate * (((learningRate - lrEnd) * (1 - progress) ** power + lrEnd) / learningRate);
    }
    case "inverse_sqrt": {
      const timescale = options.timescale ?? (warmup || 10_000);
      return learningRate * (1 / Math.sqrt((step + timescale - warmup) / timescale));
    }
    default:
      return learningRate;
  }
}

/** A cosine between 1 and 0. @param cycles its waves: one half falls once */
function wave(progress: number, cycles = 0.5): number {
  return 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress));
}
