/** The learning rate of each step, as transformers' `get_*_schedule` functions give it. */
import type { ResolvedArguments } from "../arguments";

type ScheduleSettings = Pick<ResolvedArguments, "learningRate" | "lrSchedulerType" | "warmupSteps" | "warmupRatio">;

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
  const warmup = args.lrSchedulerType === "constant" ? 0 : warmupSteps(args, total);
  if (step < warmup) return args.learningRate * (step / warmup);
  const rest = Math.max(1, total - warmup);
  switch (args.lrSchedulerType) {
    case "linear":
      return args.learningRate * Math.max(0, (total - step) / rest);
    case "cosine":
      return args.learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((step - warmup) / rest))));
    default:
      return args.learningRate;
  }
}
