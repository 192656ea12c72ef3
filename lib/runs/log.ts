import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type MemoryUse, memoryUse } from "../tensor/device";
import type { TrainerCallback, TrainerEvent } from "../train/callbacks";

/** One line of `log.jsonl`. */
export interface LogLine {
  /** Milliseconds since 1970. */
  time: number;
  event: "trainBegin" | "epochBegin" | "step" | "log" | "evaluate" | "save" | "trainEnd" | "prediction";
  step: number;
  maxSteps: number;
  epoch: number;
  /** Tokens trained on so far. */
  tokens: number;
  /** With each log entry. */
  memory?: MemoryUse;
  [detail: string]: unknown;
}

/** Writes every event of a trainer as a line of JSON, for whoever watches the run or reads about it later. */
export class JsonlLogCallback implements TrainerCallback {
  readonly #path: string;
  #predictionAt = 0;

  /** @param path the file to append to; its folder is made when it is missing */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  onTrainBegin(event: TrainerEvent): void {
    this.#append("trainBegin", event, {});
  }

  onEpochBegin(event: TrainerEvent): void {
    this.#append("epochBegin", event, {});
  }

  onStepEnd(event: TrainerEvent): void {
    this.#append("step", event, { ...event.step });
  }

  onLog(event: TrainerEvent): void {
    this.#append("log", event, { logs: event.logs, memory: memoryUse() });
  }

  onEvaluate(event: TrainerEvent): void {
    this.#append("evaluate", event, { metrics: event.metrics });
  }

  onSave(event: TrainerEvent): void {
    this.#append("save", event, {});
  }

  onTrainEnd(event: TrainerEvent): void {
    this.#append("trainEnd", event, { metrics: event.metrics });
  }

  /** Rows of an evaluation pass fast: at most four lines a second, and the last one. */
  onPredictionStep(event: TrainerEvent): void {
    const { prediction } = event;
    if (!prediction || (prediction.done < prediction.total && Date.now() - this.#predictionAt < 250)) return;
    this.#predictionAt = Date.now();
    this.#append("prediction", event, { ...prediction });
  }

  #append(event: LogLine["event"], { state }: TrainerEvent, details: Record<string, unknown>): void {
    const line: LogLine = {
      time: Date.now(),
      event,
      step: state.globalStep,
      maxSteps: state.maxSteps,
      epoch: state.epoch,
      ...details,
      tokens: state.tokensSeen,
    };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}
