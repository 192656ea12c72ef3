/** Callbacks of the Trainer and the events that they receive. The Trainer itself prints nothing but warnings. */
import type { ResolvedArguments } from "./arguments";

/** One logged entry: always `step` and `epoch`, and what was measured (loss, gradNorm, learningRate, evalLoss, …). */
export type LogEntry = { step: number; epoch: number } & Record<string, number>;

/** Progress of a run. */
export interface TrainerState {
  /** Optimizer steps made. */
  globalStep: number;
  /** Steps of the whole run. */
  maxSteps: number;
  /** Epochs made, with the fraction of the current one. */
  epoch: number;
  /** Epochs of the whole run. */
  numTrainEpochs: number;
  /** Everything that was logged, in order. */
  logHistory: LogEntry[];
  /** Best value of the metric that chooses the best model. */
  bestMetric?: number;
  /** Step after which it was measured. */
  bestGlobalStep?: number;
  /** Folder of the checkpoint with that value. */
  bestModelCheckpoint?: string;
  /** Folder of the checkpoint whose weights the model was given at the run's end (`loadBestModelAtEnd`). */
  loadedCheckpoint?: string;
  /** Tokens trained on, without padding. */
  tokensSeen: number;
  /** Steps that were not applied, since their loss or gradients were not finite. */
  badSteps?: number;
  /** Those of them since the last step that was. */
  badStepsInARow?: number;
}

/** What is due after the current step by the settings. Callbacks can change it. */
export interface TrainerControl {
  /** True ends the training after the current step. */
  shouldTrainingStop: boolean;
  /** True logs the loss once, after onStepEnd or onEpochEnd. */
  shouldLog: boolean;
  /** True evaluates once, after the log. */
  shouldEvaluate: boolean;
  /** True writes a checkpoint once, after the evaluation. */
  shouldSave: boolean;
}

/** One training step. */
export interface StepReport {
  /** Loss of the step; only there on steps that the settings log or that were not applied. */
  loss?: number;
  /** 2-norm of all gradients before clipping; as the loss. */
  gradNorm?: number;
  /** Rate that the step used. */
  learningRate: number;
  /** Tokens of the step's batches. */
  tokens: number;
  /** Time of the step, in seconds. */
  seconds: number;
  /** True where loss or gradients were not finite: the step was not applied. */
  skipped?: true;
}

/** What a callback is given; which optional field is there depends on the event. */
export interface TrainerEvent {
  args: ResolvedArguments;
  state: TrainerState;
  control: TrainerControl;
  /** onLog: the entry. */
  logs?: LogEntry;
  /** onEvaluate: the metrics. */
  metrics?: Record<string, number>;
  /** onStepEnd: the step. */
  step?: StepReport;
  /** onPredictionStep: rows done and all rows. */
  prediction?: { done: number; total: number };
}

type Listener = (event: TrainerEvent) => void | Promise<void>;

/** Receives a Trainer's events; every method is optional. */
export interface TrainerCallback {
  onTrainBegin?: Listener;
  onEpochBegin?: Listener;
  onStepEnd?: Listener;
  onEpochEnd?: Listener;
  onLog?: Listener;
  onEvaluate?: Listener;
  onSave?: Listener;
  onTrainEnd?: Listener;
  onPredictionStep?: Listener;
  /** State of the callback that a checkpoint keeps, so that a resumed run equals the uninterrupted one. */
  saveState?(): Record<string, unknown>;
  /** Restores what saveState returned. */
  loadState?(state: Record<string, unknown>): void;
}
