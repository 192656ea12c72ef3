/** The lines of a run's log, one JSON object per event, and their reader, which needs no TensorFlow. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { isObject } from "../files/json";
import type { MemoryUse } from "../tensor/device";

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
  /** "step"; loss and norm only at steps that are logged. */
  loss?: Figure;
  gradNorm?: Figure;
  learningRate?: Figure;
  /** "step": it was not applied, since loss or gradients were not finite. */
  skipped?: boolean;
  /** "log": the entry of the trainer's logHistory. */
  logs?: Record<string, Figure>;
  /** "log" */
  memory?: MemoryUse;
  /** "evaluate" and "trainEnd" */
  metrics?: Record<string, Figure>;
  /** "prediction": rows predicted so far, and all rows. */
  done?: number;
  total?: number;
  /** "run", the first line: the parameters that the run was started with. */
  parameters?: Record<string, unknown>;
}

/** @returns undefined if the line was cut off by a kill or a full disk, and perhaps joined with the next one */
export function parseLogLine(text: string): LogLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isObject(line) ? (line as unknown as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a growing log in parts. */
export class LogReader {
  readonly #file: string;
  /** Start of the next line, in bytes. */
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
