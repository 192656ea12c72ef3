/** The settings of a training run, with the names and defaults of Hugging Face's `TrainingArguments`. */
import { inspect } from "node:util";

/** Optimizers: both names of each mean the same. */
export type OptimizerName = "adamw" | "adamw_torch" | "adamw_8bit" | "adamw_bnb_8bit";

/** What {@link TrainingArguments} is made from; every field but the first has the Trainer's default. */
export interface TrainingOptions {
  /** Folder of the checkpoints. */
  outputDir: string;
  /** Rows a training step (default 8). */
  perDeviceTrainBatchSize?: number;
  /** Evaluation takes as many tokens at once as this many of the longest rows have (default 8). */
  perDeviceEvalBatchSize?: number;
  /** Passes over the training rows (default 3). */
  numTrainEpochs?: number;
  /** Rate at the start; it falls linearly to 0 (default 5e-5). */
  learningRate?: number;
  /** Decoupled weight decay, not applied to biases and layer norms (default 0). */
  weightDecay?: number;
  /** Decay of the first moment (default 0.9). */
  adamBeta1?: number;
  /** Decay of the second moment (default 0.999). */
  adamBeta2?: number;
  /** Added to the root of the second moment (default 1e-8). */
  adamEpsilon?: number;
  /** Gradients are scaled down to this global 2-norm (default 1). */
  maxGradNorm?: number;
  /** AdamW with 32-bit or with 8-bit state (default "adamw"). */
  optim?: OptimizerName;
  /** Block size of the 8-bit state: 256 as bitsandbytes since 0.44, 2048 as before (default 256). */
  optimBlockSize?: number;
  /** When to evaluate (default "no"). */
  evalStrategy?: "no" | "epoch";
  /** When to write a checkpoint (default "steps"). */
  saveStrategy?: "no" | "epoch" | "steps";
  /** Steps between checkpoints, with saveStrategy "steps" (default 500). */
  saveSteps?: number;
  /** Steps between log entries (default 500). */
  loggingSteps?: number;
  /** "now" logs the rate that a step used; "then" the rate after it, as transformers 4 did (default "now"). */
  loggedLearningRate?: "now" | "then";
  /** Load the checkpoint with the lowest evaluation loss when training ends (default false). */
  loadBestModelAtEnd?: boolean;
  /** Name of the labels in a batch: the collator calls the column "label" so (default ["labels"]). */
  labelNames?: string[];
  /** Seed of row order and dropout (default 42). */
  seed?: number;
}

const DEFAULTS: Required<Omit<TrainingOptions, "outputDir">> = {
  perDeviceTrainBatchSize: 8,
  perDeviceEvalBatchSize: 8,
  numTrainEpochs: 3,
  learningRate: 5e-5,
  weightDecay: 0,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  maxGradNorm: 1,
  optim: "adamw",
  optimBlockSize: 256,
  evalStrategy: "no",
  saveStrategy: "steps",
  saveSteps: 500,
  loggingSteps: 500,
  loggedLearningRate: "now",
  loadBestModelAtEnd: false,
  labelNames: ["labels"],
  seed: 42,
};

/** Checked settings: every field is there. */
export type TrainingArguments = Readonly<Required<TrainingOptions>>;

const POSITIVE_INTEGERS = [
  "perDeviceTrainBatchSize",
  "perDeviceEvalBatchSize",
  "optimBlockSize",
  "saveSteps",
  "loggingSteps",
] as const;
const CHOICES = {
  optim: ["adamw", "adamw_torch", "adamw_8bit", "adamw_bnb_8bit"],
  evalStrategy: ["no", "epoch"],
  saveStrategy: ["no", "epoch", "steps"],
  loggedLearningRate: ["now", "then"],
} as const;

/**
 * Fills in the defaults and checks every value.
 *
 * @throws {RangeError} an option is unknown or its value is not allowed
 */
export function trainingArguments(options: TrainingOptions): TrainingArguments {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const args: TrainingArguments = { ...DEFAULTS, ...(given as unknown as TrainingOptions) };
  const expect = (name: keyof TrainingArguments, good: boolean, what: string): void => {
    if (!good) throw new RangeError(`\`${name}\`: expected ${what}, got ${inspect(args[name])}.`);
  };
  for (const name of Object.keys(given)) {
    if (name !== "outputDir" && !(name in DEFAULTS)) {
      throw new RangeError(`\`${name}\`: expected one of outputDir, ${Object.keys(DEFAULTS).join(", ")}.`);
    }
  }
  expect("outputDir", typeof args.outputDir === "string" && args.outputDir !== "", "a folder");
  for (const name of POSITIVE_INTEGERS) {
    expect(name, Number.isSafeInteger(args[name]) && args[name] > 0, "a positive integer");
  }
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const key = name as keyof typeof CHOICES;
    expect(key, (allowed as readonly string[]).includes(args[key]), `one of ${allowed.join(", ")}`);
  }
  for (const name of ["numTrainEpochs", "learningRate", "maxGradNorm", "adamEpsilon"] as const) {
    expect(name, Number.isFinite(args[name]) && args[name] > 0, "a positive number");
  }
  expect("weightDecay", Number.isFinite(args.weightDecay) && args.weightDecay >= 0, "a number of 0 or more");
  for (const name of ["adamBeta1", "adamBeta2"] as const) {
    expect(name, args[name] >= 0 && args[name] < 1, "a number in [0, 1)");
  }
  expect("seed", Number.isSafeInteger(args.seed), "an integer");
  const labels = 'expected ["labels"]: with another name the evaluation would find no labels and compute no loss';
  if (args.labelNames.length !== 1 || args.labelNames[0] !== "labels") {
    throw new RangeError(`\`labelNames\`: ${labels}, got ${inspect(args.labelNames)}.`);
  }
  if (args.loadBestModelAtEnd && (args.evalStrategy !== "epoch" || args.saveStrategy !== "epoch")) {
    throw new RangeError(
      `\`loadBestModelAtEnd\`: expected evalStrategy and saveStrategy "epoch", got "${args.evalStrategy}" and "${args.saveStrategy}".`,
    );
  }
  return args;
}
