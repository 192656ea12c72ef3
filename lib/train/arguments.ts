/** The arguments of a Trainer. */

/** Optimizers. The first three names mean the same AdamW, and so do the three with 8 bits. */
export const OPTIMIZERS = [
  "adamw",
  "adamw_torch",
  "adamw_torch_fused",
  "adamw_8bit",
  "adamw_bnb_8bit",
  "paged_adamw_8bit",
  "sgd",
] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** Course of the learning rate after the warm-up: each name with the options that `lrSchedulerKwargs` may have. */
export const SCHEDULERS = {
  linear: [],
  cosine: ["numCycles"],
  cosine_with_restarts: ["numCycles"],
  cosine_with_min_lr: ["numCycles", "minLr", "minLrRate"],
  polynomial: ["lrEnd", "power"],
  inverse_sqrt: ["timescale"],
  constant: [],
  constant_with_warmup: [],
} as const satisfies Record<string, readonly (keyof SchedulerOptions)[]>;
export type SchedulerName = keyof typeof SCHEDULERS;

/** What a schedule is told beside its length; which of these it takes depends on `lrSchedulerType`. */
export interface SchedulerOptions {
  /** Waves of the cosine: 0.5 falls once (default 0.5; restarts: 1). */
  numCycles?: number;
  /** Rate at the end of "cosine_with_min_lr"; this or minLrRate (default none). */
  minLr?: number;
  /** The same as a share of learningRate (default none). */
  minLrRate?: number;
  /** Rate at the end of "polynomial" (default 1e-7). */
  lrEnd?: number;
  /** Power of the share of steps that is left, of "polynomial" (default 1). */
  power?: number;
  /** Steps after which "inverse_sqrt" begins to count (default those of the warm-up, 10000 without one). */
  timescale?: number;
}

/** When something happens. */
export type Interval = "no" | "epoch" | "steps";

/** In which order the training rows are read. */
export type SamplingStrategy = "random" | "sequential" | "group_by_length";

/** Options of a Trainer, with the names and defaults of transformers' `TrainingArguments`. */
export interface TrainingArguments {
  /** Folder of the checkpoints. */
  outputDir: string;
  /** Rows of a batch (default 8). */
  perDeviceTrainBatchSize?: number;
  /**
   * Batches of a step (default 1). As with transformers 5, a step's loss and gradient are the sum over its batches' means,
   * but with label smoothing or class weights the mean over all its rows. The last step of an epoch may have fewer batches.
   */
  gradientAccumulationSteps?: number;
  /** Evaluation takes as many tokens at once as this many of the longest rows have (default 8). */
  perDeviceEvalBatchSize?: number;
  /** Passes over the training rows (default 3). */
  numTrainEpochs?: number;
  /** Steps of the whole run, whatever numTrainEpochs says; -1 for none (default -1). */
  maxSteps?: number;
  /** Highest rate (default 5e-5). */
  learningRate?: number;
  /** How the rate falls (default "linear", to 0 at the last step). */
  lrSchedulerType?: SchedulerName;
  /** Options of that schedule (default {}). */
  lrSchedulerKwargs?: SchedulerOptions;
  /** Steps in which the rate rises linearly from 0; below 1 their share of all steps (default 0). */
  warmupSteps?: number;
  /** Share of all steps in which the rate rises, where warmupSteps is 0 (default 0). */
  warmupRatio?: number;
  /** Share of the target that goes to all labels evenly (default 0). */
  labelSmoothingFactor?: number;
  /** Weight of each label's rows in the loss, which is then a weighted mean; none when empty (default). */
  classWeights?: readonly number[];
  /** LoRA+: rate of B (and of biases) over that of A (default 1). */
  loraplusLrRatio?: number;
  /** Weight decay, not applied to biases and layer norms (default 0); decoupled in AdamW, added to the gradient in SGD. */
  weightDecay?: number;
  /** Decay of the first moment (default 0.9). */
  adamBeta1?: number;
  /** Decay of the second moment (default 0.999). */
  adamBeta2?: number;
  /** Added to the root of the second moment (default 1e-8). */
  adamEpsilon?: number;
  /** Gradients are scaled down to this global 2-norm; 0 leaves them as they are (default 1). */
  maxGradNorm?: number;
  /** The run ends with an error after so many steps in a row whose loss or gradients are not finite (default 3). */
  maxBadSteps?: number;
  /** Keep less for the backward pass and compute it again there: about a third more time, far less memory (default false). */
  gradientCheckpointing?: boolean;
  /** AdamW with 32-bit or with 8-bit state, or SGD without momentum (default "adamw"). */
  optim?: OptimizerName;
  /** Block size of the 8-bit state: 256 as bitsandbytes since 0.44, 2048 as before (default 256). */
  optimBlockSize?: number;
  /** When to evaluate (default "no"). */
  evalStrategy?: Interval;
  /** Steps between evaluations, with evalStrategy "steps"; below 1 their share of all steps (default loggingSteps). */
  evalSteps?: number;
  /** Whether to evaluate before the first step too (default false). */
  evalOnStart?: boolean;
  /** When to write a checkpoint; "best" after each evaluation that is better than all before (default "steps"). */
  saveStrategy?: Interval | "best";
  /** Steps between checkpoints, with saveStrategy "steps"; below 1 their share of all steps (default 500). */
  saveSteps?: number;
  /** Whether checkpoints have no optimizer state, which saves space; such a run cannot be resumed (default false). */
  saveOnlyModel?: boolean;
  /** Most checkpoints that are kept, the best and the last always among them; 0 keeps all (default 0). */
  saveTotalLimit?: number;
  /** When to log the loss (default "steps"). */
  loggingStrategy?: Interval;
  /** Steps between log entries, with loggingStrategy "steps"; below 1 their share of all steps (default 500). */
  loggingSteps?: number;
  /** Whether the first step is logged too (default false). */
  loggingFirstStep?: boolean;
  /** "now" logs the rate that a step used; "then" the rate after it, as transformers 4 did (default "now"). */
  loggedLearningRate?: "now" | "then";
  /** Load the checkpoint with the best metric when training ends (default false). */
  loadBestModelAtEnd?: boolean;
  /** The metric that says which checkpoint is best, as "loss" or "accuracy" (default "", with loadBestModelAtEnd "loss"). */
  metricForBestModel?: string;
  /** Whether a greater value of that metric is better (default: true, false where its name ends in "loss"). */
  greaterIsBetter?: boolean;
  /** Name of the labels in a batch: the collator calls the column "label" so (default ["labels"]). */
  labelNames?: string[];
  /** Seed of row order and dropout (default 42). */
  seed?: number;
  /**
   * Processes of this machine that share out each step and evaluation (default 1): a GPU each, or else an equal share of the
   * cores. Each takes batches of its own, so that a step has as many times more of them, as with gradientAccumulationSteps.
   */
  workers?: number;
  /** Addresses of workers on several machines, this one's first, as ["a:2222", "b:2222"]; see `joinWorkers` (default []). */
  workerHosts?: readonly string[];
  /** Seconds that a worker may keep the others waiting before all are ended (default 300). */
  workerTimeout?: number;
  /** Seed of the row order alone (default seed). */
  dataSeed?: number;
  /** Order of rows: new in each epoch, as they are, or with rows of similar length in a step (default "random"). */
  trainSamplingStrategy?: SamplingStrategy;
  /** Whether an epoch leaves out its last batch where that has fewer rows; evaluations, unlike Python's, never do (default false). */
  dataloaderDropLast?: boolean;
}

/** {@link TrainingArguments} that were checked, with a value for every field. */
export type ResolvedArguments = Readonly<Required<TrainingArguments>>;
