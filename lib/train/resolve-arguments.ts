/** Completes and checks the arguments of a Trainer. */

import { inspect } from "node:util";
import { checkHosts } from "../parallel/hosts";
import { checkOptions, kindsLike } from "../process/options";
import { OPTIMIZERS, type ResolvedArguments, SCHEDULERS, type TrainingArguments } from "./arguments";
import { OTHER_ARGUMENTS } from "./other-arguments";

/** Highest learning rate where none is given, as in transformers. */
export const DEFAULT_LEARNING_RATE = 5e-5;

/** Defaults that do not depend on other fields. */
const DEFAULTS = {
  perDeviceTrainBatchSize: 8,
  gradientAccumulationSteps: 1,
  perDeviceEvalBatchSize: 8,
  numTrainEpochs: 3,
  maxSteps: -1,
  learningRate: DEFAULT_LEARNING_RATE,
  lrSchedulerType: "linear",
  lrSchedulerKwargs: {},
  warmupSteps: 0,
  warmupRatio: 0,
  labelSmoothingFactor: 0,
  classWeights: [],
  loraplusLrRatio: 1,
  weightDecay: 0,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  maxGradNorm: 1,
  maxBadSteps: 3,
  gradientCheckpointing: false,
  optim: "adamw",
  optimBlockSize: 256,
  evalStrategy: "no",
  evalOnStart: false,
  saveStrategy: "steps",
  saveSteps: 500,
  saveOnlyModel: false,
  saveTotalLimit: 0,
  loggingStrategy: "steps",
  loggingSteps: 500,
  loggingFirstStep: false,
  loggedLearningRate: "now",
  loadBestModelAtEnd: false,
  labelNames: ["labels"],
  seed: 42,
  workers: 1,
  workerHosts: [],
  workerTimeout: 300,
  trainSamplingStrategy: "random",
  dataloaderDropLast: false,
} satisfies Partial<TrainingArguments>;

const POSITIVE_INTEGERS = [
  "perDeviceTrainBatchSize",
  "perDeviceEvalBatchSize",
  "gradientAccumulationSteps",
  "optimBlockSize",
  "maxBadSteps",
  "workers",
] as const;
const POSITIVE = ["workerTimeout", "numTrainEpochs", "learningRate", "adamEpsilon", "loraplusLrRatio"] as const;
/** Numbers of steps, or shares of all of them. */
const STEPS = ["saveSteps", "loggingSteps", "evalSteps"] as const;
const NOT_NEGATIVE = ["weightDecay", "warmupSteps", "maxGradNorm"] as const;
const BELOW_ONE = ["adamBeta1", "adamBeta2", "labelSmoothingFactor", "warmupRatio"] as const;
const INTERVALS = ["no", "epoch", "steps"] as const;
const CHOICES = {
  optim: OPTIMIZERS,
  lrSchedulerType: Object.keys(SCHEDULERS),
  evalStrategy: INTERVALS,
  saveStrategy: [...INTERVALS, "best"],
  trainSamplingStrategy: ["random", "sequential", "group_by_length"],
  loggingStrategy: INTERVALS,
  loggedLearningRate: ["now", "then"],
} as const;

/**
 * Fills in the defaults and checks every value.
 *
 * @throws {RangeError} an option is unknown or its value is not allowed
 */
export function resolveArguments(options: TrainingArguments): ResolvedArguments {
  const kinds = kindsLike<TrainingArguments>(withDefaults({ outputDir: "" }));
  checkOptions("TrainingArguments", options, kinds, OTHER_ARGUMENTS);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const args = withDefaults(given as unknown as TrainingArguments);
  checkArguments(args);
  return args;
}

function withDefaults(given: TrainingArguments): ResolvedArguments {
  const args = { ...DEFAULTS, ...given };
  const metricForBestModel = given.metricForBestModel ?? (args.loadBestModelAtEnd ? "loss" : "");
  const greaterIsBetter = metricForBestModel !== "" && !/loss$/i.test(metricForBestModel);
  const { outputDir, ...rest } = args;
  return { outputDir, dataSeed: args.seed, evalSteps: args.loggingSteps, greaterIsBetter, ...rest, metricForBestModel };
}

/** @throws {RangeError} a value is not allowed, alone or beside another */
function checkArguments(args: ResolvedArguments): void {
  const expect = (name: keyof ResolvedArguments, good: boolean, what: string): void => {
    if (!good) throw new RangeError(`\`${name}\`: expected ${what}, got ${inspect(args[name])}.`);
  };
  expect("outputDir", typeof args.outputDir === "string" && args.outputDir !== "", "a folder");
  for (const name of POSITIVE_INTEGERS) {
    expect(name, Number.isSafeInteger(args[name]) && args[name] > 0, "a positive integer");
  }
  for (const name of STEPS) {
    const good = Number.isFinite(args[name]) && args[name] > 0 && (args[name] < 1 || Number.isInteger(args[name]));
    expect(name, good, "a positive integer, or a share of all steps below 1");
  }
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const key = name as keyof typeof CHOICES;
    expect(key, (allowed as readonly string[]).includes(args[key]), `one of ${allowed.join(", ")}`);
  }
  for (const name of POSITIVE) expect(name, Number.isFinite(args[name]) && args[name] > 0, "a positive number");
  for (const name of NOT_NEGATIVE)
    expect(name, Number.isFinite(args[name]) && args[name] >= 0, "a number of 0 or more");
  for (const name of BELOW_ONE) expect(name, args[name] >= 0 && args[name] < 1, "a number in [0, 1)");
  const { maxSteps, saveTotalLimit, classWeights } = args;
  expect("maxSteps", Number.isSafeInteger(maxSteps) && (maxSteps > 0 || maxSteps === -1), "a positive integer or -1");
  expect("saveTotalLimit", Number.isSafeInteger(saveTotalLimit) && saveTotalLimit >= 0, "an integer of 0 or more");
  for (const name of ["seed", "dataSeed"] as const) expect(name, Number.isSafeInteger(args[name]), "an integer");
  const weights = classWeights.every((weight) => Number.isFinite(weight) && weight >= 0);
  expect("classWeights", weights, "numbers of 0 or more");
  if (classWeights.length > 0) expect("labelSmoothingFactor", args.labelSmoothingFactor === 0, "0 beside classWeights");
  const labels = '["labels"]: with another name the evaluation would find no labels and compute no loss';
  expect("labelNames", args.labelNames.length === 1 && args.labelNames[0] === "labels", labels);
  if (args.workerHosts.length > 0) {
    checkHosts(args.workerHosts);
    const { length } = args.workerHosts;
    expect("workers", args.workers === 1 || args.workers === length, `${length}, as many as workerHosts`);
  }
  checkSchedule(args);
  checkBestModel(args);
}

/** A schedule is told only what it knows. */
function checkSchedule({ lrSchedulerType, lrSchedulerKwargs: options, learningRate }: ResolvedArguments): void {
  const fail = (what: string): never => {
    throw new RangeError(`\`lrSchedulerKwargs\`: expected ${what}, got ${inspect(options)}.`);
  };
  const known: readonly string[] = SCHEDULERS[lrSchedulerType];
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) fail(`${known.join(", ") || "nothing"} with "${lrSchedulerType}"`);
    if (!Number.isFinite(value) || value < 0) fail(`\`${name}\` to be a number of 0 or more`);
  }
  const { minLr, minLrRate, lrEnd = 1e-7, timescale = 1 } = options;
  if (lrSchedulerType === "cosine_with_min_lr" && (minLr === undefined) === (minLrRate === undefined)) {
    fail("either minLr or minLrRate");
  }
  if (lrSchedulerType === "polynomial" && lrEnd >= learningRate) fail(`lrEnd below the learning rate ${learningRate}`);
  if (timescale === 0) fail("a timescale above 0");
}

/** The best checkpoint can only be loaded when each one was evaluated. */
function checkBestModel({
  loadBestModelAtEnd,
  evalStrategy,
  saveStrategy,
  evalSteps,
  saveSteps,
  metricForBestModel,
}: ResolvedArguments): void {
  if (saveStrategy === "best" && (evalStrategy === "no" || metricForBestModel === "")) {
    const got = `"${evalStrategy}" and "${metricForBestModel}"`;
    throw new RangeError(`\`saveStrategy\` "best": expected evalStrategy and metricForBestModel, got ${got}.`);
  }
  if (!loadBestModelAtEnd) return;
  const fail = (what: string, got: string): never => {
    throw new RangeError(`\`loadBestModelAtEnd\`: expected ${what}, got ${got}.`);
  };
  if (saveStrategy === "best") return;
  if (evalStrategy === "no" || evalStrategy !== saveStrategy) {
    fail('evalStrategy and saveStrategy both "epoch" or both "steps"', `"${evalStrategy}" and "${saveStrategy}"`);
  }
  const ratio = saveSteps / evalSteps;
  const isMultiple = saveSteps < 1 === evalSteps < 1 && Math.abs(ratio - Math.round(ratio)) < 1e-9;
  if (evalStrategy === "steps" && !isMultiple) {
    fail("saveSteps to be a multiple of evalSteps", `${saveSteps} and ${evalSteps}`);
  }
}
