/** A Trainer's place among workers that share out its work. */
import type { EvalPrediction } from "../../evaluate/metrics";
import type { WorkerGroup } from "../../parallel/group";
import type { Listeners } from "../listeners";

/** What a worker's Trainer has instead of callbacks, metrics and stop button of its own. */
export interface Seat {
  group: WorkerGroup;
  listeners: Listeners;
  /** Computes the metrics where the function is; only worker 0 has them. */
  computeMetrics(prediction: EvalPrediction): Promise<Record<string, number>>;
  /** Aborted where this worker is asked to stop, before the others know. */
  stopWanted: AbortSignal;
  /** Ends the training; all workers call it at the same point. */
  stop(): void;
}
