/** What worker 0 and the process that started it say to each other. */
import type { EvalPrediction } from "../../evaluate/metrics";
import type { TrainerControl, TrainerEvent, TrainerState } from "../callbacks";
import type { CallbackStates, EventName } from "../listeners";
import type { TrainOutput } from "../trainer-types";

/** Details of an event; the state's history is only sent when training begins. */
export type EventDetails = Omit<TrainerEvent, "args">;

/** From worker 0. What has a number is answered. */
export type FromWorker =
  | { kind: "event"; number: number; name: EventName; details: EventDetails }
  | { kind: "progress"; details: EventDetails }
  | { kind: "metrics"; number: number; prediction: EvalPrediction }
  | { kind: "restore"; states: CallbackStates }
  | { kind: "warning"; text: string }
  | { kind: "output"; output: TrainOutput; state: TrainerState };

/** An answer to an event. */
export interface EventAnswer {
  control: TrainerControl;
  states: CallbackStates;
}

/** To workers. */
export type ToWorker = { stop: true } | { number: number; content: unknown } | { number: number; error: string };

/** What a worker is started with. */
export interface WorkerStart {
  hosts: readonly string[];
  index: number;
  timeout: number;
  /** The job's folder; nothing at a worker on another machine than worker 0, which gets a copy. */
  job: string | undefined;
  /** Whether all workers are on one machine. */
  sharesFiles: boolean;
  resumeFrom: boolean | string;
}
