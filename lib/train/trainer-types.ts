/** What goes into a Trainer and what comes out. */

import type { Dataset } from "../data/dataset";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { ComputeMetrics } from "../evaluate/metrics";
import type { Classifier } from "../model/classifier";
import type { OptionKinds } from "../process/options";
import type { TrainingArguments } from "./arguments";
import type { TrainerCallback } from "./callbacks";
import type { OptimizerSummary } from "./optim/optimizer";
import type { Seat } from "./workers/seat";

/** What a Trainer is made from. */
export interface TrainerOptions {
  /** A model, or a model with an adapter: what requires a gradient is trained. */
  model: Classifier;
  /** The settings. */
  args: TrainingArguments;
  /** Tokenized rows with the columns inputIds and label (default none: nothing to train on). */
  trainDataset?: Dataset;
  /** As trainDataset; used by evaluate() and wherever evalStrategy asks for it (default none). */
  evalDataset?: Dataset;
  /** When given, it is checked to fit the model, and checkpoints hold its files (default none). */
  tokenizer?: Tokenizer;
  /** Metrics of an evaluation, by name; they are reported as eval<Name> (default: the loss alone). */
  computeMetrics?: ComputeMetrics;
  /** Callbacks notified of events, in order (default none). */
  callbacks?: TrainerCallback[];
  /** Stops training, evaluation and prediction when it is aborted, as SIGINT does (default none). */
  signal?: AbortSignal;
  /** @internal Where this process is one of several workers: its place among them (default none). */
  seat?: Seat;
}

/** Names and kinds of {@link TrainerOptions}. */
export const TRAINER_OPTIONS: OptionKinds<TrainerOptions> = {
  model: "object",
  args: "object",
  trainDataset: "object",
  evalDataset: "object",
  tokenizer: "function",
  computeMetrics: "function",
  callbacks: "list",
  signal: "object",
  seat: "object",
};

/** How training ended. */
export interface TrainOutput {
  /** Steps made. */
  globalStep: number;
  /** Steps whose loss or gradients were not finite, and which were therefore not applied. */
  badSteps: number;
  /** Mean loss over all steps. */
  trainingLoss: number;
  /** trainRuntime in seconds, trainSamplesPerSecond, trainStepsPerSecond, trainTokens, trainTokensPerSecond, trainLoss, epoch. */
  metrics: Record<string, number>;
  /** How the optimizer's state was held. */
  optimizer: OptimizerSummary;
  /**
   * True when SIGINT (a notebook's stop button, Ctrl-C), the Trainer's `signal` or a callback ended it early. After the
   * first two there is a checkpoint to go on from, unless saveStrategy is "no" or no step was made.
   */
  stopped: boolean;
}
