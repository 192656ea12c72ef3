/** What a sweep and the engine that runs its trials know of each other. */
import type { RunMetrics, SplitResult } from "../../runs/metrics";
import type { TrainerCallback } from "../../train/callbacks";
import type { TrialRecord } from "../identity";
import type { GridPoint, TrialParameters } from "../parameters";
import type { SweepWorkspace } from "../workspace";

/** A trial that is to be run. */
export interface PlannedTrial extends GridPoint {
  /** Where it lies in the order of the sweep. */
  index: number;
  record: TrialRecord;
  folder: string;
}

/** A trial as it is handed to another process, in JSON. */
export interface TrialTask {
  id: string;
  parameters: TrialParameters;
  folder: string;
  overwrite: boolean;
  offline: boolean;
  /** The evaluation before training, where it is known. */
  baseline?: { result: SplitResult; seconds: number };
}

/** What an engine is given. Each trial ends in one call of `ended` or `failed`, unless the sweep is stopped. */
export interface EngineRun {
  trials: readonly PlannedTrial[];
  /** The sweep's folder. */
  out: string;
  overwrite: boolean;
  offline: boolean;
  signal: AbortSignal;
  workspace: SweepWorkspace;
  /** Callbacks for trainings in this process. */
  callbacks: TrainerCallback[];
  began(trial: PlannedTrial): void;
  /** @param share of the trial's steps that are done, 0 to 1 */
  progress(trial: PlannedTrial, share: number): void;
  ended(trial: PlannedTrial, metrics: RunMetrics): void;
  failed(trial: PlannedTrial, reason: string): void;
  /** Shows what the engine is doing or waiting for. */
  note(text: string): void;
}

/** Runs the trials; returns early when the signal is aborted. @throws where no trial can be run, or one is at fault */
export type Engine = (run: EngineRun) => Promise<void>;
