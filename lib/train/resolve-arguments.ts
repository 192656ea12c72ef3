/** Completes and checks the arguments of a Trainer. */
import { inspect } from "node:util";
import { checkHosts } from "../parallel/hosts";
import type { ResolvedArguments, TrainingArguments } from "./arguments";

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
  saveStrategy: "steps",
  saveSteps: 500,
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
} satisfies Partial<TrainingArguments>;

const POSITIVE_INTEGERS = [
  "perDeviceTrainBatchSize",
  "perDeviceEvalBatchSize",
  "gradientAccumulationSteps",
  "optimBlockSize",
  "saveSteps",
  "loggingSteps",
  "evalSteps",
  "maxBadSteps",
  "workers",
] as const;
const POSITIVE = [
  "workerTimeout",
  "numTrainEpochs",
  "learningRate",
  "maxGradNorm",
  "adamEpsilon",
  "loraplusLrRatio",
] as const;
const NOT_NEGATIVE = ["weightDecay", "warmupSteps"] as const;
const BELOW_ONE = ["adamBeta1", "adamBeta2", "labelSmoothingFactor", "warmupRatio"] as const;
const INTERVALS = ["no", "epoch", "steps"] as const;
const CHOICES = {
  optim: ["adamw", "adamw_torch", "adamw_8bit", "adamw_bnb_8bit", "sgd"],
  lrSchedulerType: ["linear", "cosine", "constant", "constant_with_warmup"],
  evalStrategy: INTERVALS,
  saveStrategy: INTERVALS,
  loggingStrategy: INTERVALS,
  loggedLearningRate: ["now", "then"],
} as const;

/**
 * Fills in the defaults and checks every value.
 *
 * @throws {RangeError} an option is unknown or its value is not allowed
 */
export function resolveArguments(options: TrainingArguments): ResolvedArguments {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const args = withDefaults(given as unknown as TrainingArguments);
  const known = Object.keys(withDefaults({ outputDir: "" }));
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`\`${unknown}\`: expected one of ${known.join(", ")}.`);
  checkArguments(args);
  return args;
}

function withDefaults(given: TrainingArguments): ResolvedArguments {
  const args = { ...DEFAULTS, ...given };
  const metricForBestModel = given.metricForBestModel ?? (args.loadBestModelAtEnd ? "loss" : "");
  const greaterIsBetter = metricForBestModel !== "" && !/loss$/i.test(metricForBestModel);
  const { outputDir, ...rest } = args;
  return { outputDir, evalSteps: args.loggingSteps, greaterIsBetter, ...rest, metricForBestModel };
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
  expect("seed", Number.isSafeInteger(args.seed), "an integer");
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
  checkBestModel(args);
}

/** The best checkpoint can only be loaded when each one was evaluated. */
function checkBestModel({
  loadBestModelAtEnd,
  evalStrategy,
  saveStrategy,
  evalSteps,
  saveSteps,
}: ResolvedArguments): void {
  if (!loadBestModelAtEnd) return;
  const fail = (what: string, got: string): never => {
    throw new RangeError(`\`loadBestModelAtEnd\`: expected ${what}, got ${got}.`);
  };
  if (evalStrategy === "no" || evalStrategy !== saveStrategy) {
    fail('evalStrategy and saveStrategy both "epoch" or both "steps"', `"${evalStrategy}" and "${saveStrategy}"`);
  }
  if (evalStrategy === "steps" && saveSteps % evalSteps !== 0) {
    fail("saveSteps to be a multiple of evalSteps", `${saveSteps} and ${evalSteps}`);
  }
}
