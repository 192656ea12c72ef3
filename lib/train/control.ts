/** When a run logs, evaluates and saves, by its settings: transformers' `DefaultFlowCallback`. */
import type { ResolvedArguments } from "./arguments";
import type { TrainerControl, TrainerState } from "./callbacks";

const STEP_COUNTS = ["loggingSteps", "evalSteps", "saveSteps"] as const;

/** The settings with shares of all steps as numbers of steps, as transformers rounds them. */
export function withWholeSteps(args: ResolvedArguments, maxSteps: number): ResolvedArguments {
  const whole = STEP_COUNTS.map((name) => [name, args[name] < 1 ? Math.ceil(maxSteps * args[name]) : args[name]]);
  return { ...args, ...Object.fromEntries(whole) };
}

/** Asks for what is due after a step, and for nothing else. */
export function requestAfterStep(args: ResolvedArguments, state: TrainerState, control: TrainerControl): void {
  const { globalStep } = state;
  Object.assign(control, { shouldLog: false, shouldEvaluate: false, shouldSave: false });
  const last = globalStep >= state.maxSteps;
  if (globalStep === 1 && args.loggingFirstStep) control.shouldLog = true;
  if (args.loggingStrategy === "steps" && globalStep % args.loggingSteps === 0) control.shouldLog = true;
  if (args.evalStrategy === "steps" && (last || globalStep % args.evalSteps === 0)) control.shouldEvaluate = true;
  if (args.saveStrategy === "steps" && (last || globalStep % args.saveSteps === 0)) control.shouldSave = true;
}

/** Asks for what is due after an epoch. */
export function requestAfterEpoch(args: ResolvedArguments, control: TrainerControl): void {
  if (args.loggingStrategy === "epoch") control.shouldLog = true;
  if (args.evalStrategy === "epoch") control.shouldEvaluate = true;
  if (args.saveStrategy === "epoch") control.shouldSave = true;
}

/** Nothing is asked for. */
export function newControl(): TrainerControl {
  return { shouldTrainingStop: false, shouldLog: false, shouldEvaluate: false, shouldSave: false };
}
