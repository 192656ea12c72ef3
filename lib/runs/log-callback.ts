/** Writes the log of a run. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { appendFileWhole } from "../files/atomic";
import { memoryUse } from "../tensor/device";
import type { TrainerCallback, TrainerEvent } from "../train/callbacks";
import type { LogLine } from "./log";

/** Appends every event of a trainer to a log. */
export class JsonlLogCallback implements TrainerCallback {
  readonly #path: string;
  #predictionAt = 0;

  /** @param path file to append to; its folder is created if missing */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  onTrainBegin(event: TrainerEvent): void {
    this.#append("trainBegin", event);
  }

  onEpochBegin(event: TrainerEvent): void {
    this.#append("epochBegin", event);
  }

  onStepEnd(event: TrainerEvent): void {
    this.#append("step", event, event.step);
  }

  onLog(event: TrainerEvent): void {
    this.#append("log", event, { logs: event.logs, memory: memoryUse() });
  }

  onEvaluate(event: TrainerEvent): void {
    this.#append("evaluate", event, { metrics: event.metrics });
  }

  onSave(event: TrainerEvent): void {
    this.#append("save", event);
  }

  onTrainEnd(event: TrainerEvent): void {
    this.#append("trainEnd", event, { metrics: event.metrics });
  }

  /** Writes at most four lines a second, and the last one. */
  onPredictionStep(event: TrainerEvent): void {
    const { prediction } = event;
    if (!prediction || (prediction.done < prediction.total && Date.now() - this.#predictionAt < 250)) return;
    this.#predictionAt = Date.now();
    this.#append("prediction", event, prediction);
  }

  #append(event: LogLine["event"], { state }: TrainerEvent, details: object = {}): void {
    const { globalStep: step, maxSteps, epoch, tokensSeen } = state;
    const line = { time: Date.now(), event, step, maxSteps, epoch, ...details, tokens: tokensSeen };
    appendFileWhole(this.#path, `${JSON.stringify(line)}\n`);
  }
}
