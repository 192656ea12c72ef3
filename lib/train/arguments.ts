/** The arguments of a Trainer. */

/** Optimizers: both names of an AdamW mean the same. */
export type OptimizerName = "adamw" | "adamw_torch" | "adamw_8bit" | "adamw_bnb_8bit" | "sgd";

/** Course of the learning rate after the warm-up. */
export type SchedulerName = "linear" | "cosine" | "constant" | "constant_with_warmup";

/** When something happens. */
export type Interval = "no" | "epoch" | "steps";

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
  /** Gradients are scaled down to this global 2-norm (default 1). */
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
  /** Steps between evaluations, with evalStrategy "steps" (default loggingSteps). */
  evalSteps?: number;
  /** When to write a checkpoint (default "steps"). */
  saveStrategy?: Interval;
  /** Steps between checkpoints, with saveStrategy "steps" (default 500). */
  saveSteps?: number;
  /** Most checkpoints that are kept, the best and the last always among them; 0 keeps all (default 0). */
  saveTotalLimit?: number;
  /** When to log the loss (default "steps"). */
  loggingStrategy?: Interval;
  /** Steps between log entries, with loggingStrategy "steps" (default 500). */
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
}

/** {@link TrainingArguments} that were checked, with a value for every field. */
export type ResolvedArguments = Readonly<Required<TrainingArguments>>;
