/** The log of a run, one JSON line an event: a callback writes it, and a reader follows it while it grows. */
import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { isObject } from "../files/json";
import { type MemoryUse, memoryUse } from "../tensor/device";
import type { TrainerCallback, TrainerEvent } from "../train/callbacks";

/** A measured number; JSON has `null` for one that is not finite. */
type Figure = number | null;

/** One line of `log.jsonl`. Which optional field is there depends on the event. */
export interface LogLine {
  /** Milliseconds since 1970. */
  time: number;
  event: "run" | "trainBegin" | "epochBegin" | "step" | "log" | "evaluate" | "save" | "trainEnd" | "prediction";
  step: number;
  maxSteps: number;
  epoch: number;
  /** Tokens trained on so far. */
  tokens: number;
  /** "step": what was measured; loss and norm only at steps that are logged. */
  loss?: Figure;
  gradNorm?: Figure;
  learningRate?: Figure;
  /** "log": the entry of the trainer's history. */
  logs?: Record<string, Figure>;
  /** "log" */
  memory?: MemoryUse;
  /** "evaluate" and "trainEnd" */
  metrics?: Record<string, Figure>;
  /** "prediction": rows predicted so far, and all rows. */
  done?: number;
  total?: number;
  /** "run", the first line of a run that `npm start` began: the options that it was given. */
  parameters?: Record<string, unknown>;
}

/** Appends every event of a trainer to a log. */
export class JsonlLogCallback implements TrainerCallback {
  readonly #path: string;
  #predictionAt = 0;

  /** @param path the file to append to; its folder is made when it is missing */
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

  /** Predictions can be fast: at most four lines a second are written, and the last one. */
  onPredictionStep(event: TrainerEvent): void {
    const { prediction } = event;
    if (!prediction || (prediction.done < prediction.total && Date.now() - this.#predictionAt < 250)) return;
    this.#predictionAt = Date.now();
    this.#append("prediction", event, prediction);
  }

  #append(event: LogLine["event"], { state }: TrainerEvent, details: object = {}): void {
    const { globalStep: step, maxSteps, epoch, tokensSeen } = state;
    const line = { time: Date.now(), event, step, maxSteps, epoch, ...details, tokens: tokensSeen };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** @returns the line, or undefined if a full disk or a kill has cut it off, which may have joined it with the next one */
export function parseLogLine(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isObject(line) ? (line as unknown as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a growing log: each call returns the lines that were completed since the last one. */
export class LogReader {
  readonly #file: string;
  /** Where the next line begins. */
  #offset = 0;

  /** @param file need not be there yet */
  constructor(file: string) {
    this.#file = file;
  }

  read(): LogLine[] {
    if (!existsSync(this.#file)) return [];
    const descriptor = openSync(this.#file, "r");
    try {
      const unread = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - this.#offset));
      readSync(descriptor, unread, 0, unread.length, this.#offset);
      const end = unread.lastIndexOf("\n") + 1;
      this.#offset += end;
      const lines = unread.toString("utf8", 0, end).split("\n");
      return lines.flatMap((line) => parseLogLine(line) ?? []);
    } finally {
      closeSync(descriptor);
    }
  }
}
