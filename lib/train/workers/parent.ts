/** A worker's connection to the process that started it. */
import { format } from "node:util";
import type { EvalPrediction } from "../../evaluate/metrics";
import type { WorkerGroup } from "../../parallel/group";
import type { TrainerEvent } from "../callbacks";
import type { CallbackStates, EventName, Listeners } from "../listeners";
import type { EventAnswer, FromWorker, ToWorker } from "./messages";
import type { Seat } from "./seat";

type Question = Extract<FromWorker, { number: number }>;

/** Asks and tells the parent process; of the workers only number 0 does, for all. */
export class Parent {
  readonly stopWanted = new AbortController();
  readonly #waiting = new Map<number, { resolve(content: unknown): void; reject(error: Error): void }>();
  #count = 0;

  constructor() {
    // Nobody would read the results any more.
    process.once("disconnect", () => process.exit(1));
    process.on("message", (message: ToWorker) => this.#receive(message));
  }

  #receive(message: ToWorker): void {
    if ("stop" in message) {
      this.stopWanted.abort();
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if ("error" in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve(message.content);
  }

  /** Sends a message, and waits until it is on its way. */
  tell(message: object): Promise<void> {
    return new Promise((resolve) => process.send?.(message, () => resolve()));
  }

  /** @throws what happened at the parent */
  ask<T>(message: Question extends infer Q ? (Q extends Question ? Omit<Q, "number"> : never) : never): Promise<T> {
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: (content) => resolve(content as T), reject });
      void this.tell({ ...message, number });
    });
  }

  /** Has warnings come out where the user reads them. */
  showWarnings(): void {
    console.warn = (...given: unknown[]) => void this.tell({ kind: "warning", text: format(...given) });
  }
}

/** The callbacks of the parent process: worker 0 tells them, and all workers do what they ask for. */
export class ParentListeners implements Listeners {
  #states: CallbackStates = {};

  constructor(
    private readonly parent: Parent,
    private readonly group: WorkerGroup,
    private readonly stop: () => void,
  ) {}

  async notify(name: EventName, { args: _, ...details }: TrainerEvent): Promise<void> {
    if (name === "onPredictionStep") {
      if (this.group.isFirst) await this.parent.tell({ kind: "progress", details: withoutHistory(details) });
      return;
    }
    const { control } = details;
    if (this.group.isFirst) {
      const sent = name === "onTrainBegin" ? details : withoutHistory(details);
      const answer = await this.parent.ask<EventAnswer>({ kind: "event", name, details: sent });
      Object.assign(control, answer.control);
      this.#states = answer.states;
    }
    await this.#agree(control);
  }

  /** All workers take over what worker 0 is asked for, and stop where any of them is asked to. */
  async #agree(control: TrainerEvent["control"]): Promise<void> {
    const names = ["shouldTrainingStop", "shouldLog", "shouldEvaluate", "shouldSave"] as const;
    const own = names.map((name) => (this.group.isFirst && control[name] ? 1 : 0));
    const all = Int32Array.of(...own, this.parent.stopWanted.signal.aborted ? 1 : 0);
    await this.group.sum(all);
    for (const [i, name] of names.entries()) control[name] = all[i] !== 0;
    if (all[names.length] !== 0) this.stop();
  }

  states(): CallbackStates {
    return this.#states;
  }

  restore(states: CallbackStates): void {
    this.#states = states;
    if (this.group.isFirst) void this.parent.tell({ kind: "restore", states });
  }
}

function withoutHistory<T extends { state: TrainerEvent["state"] }>(details: T): T {
  return { ...details, state: { ...details.state, logHistory: [] } };
}

/** A worker's seat. @param stop ends the training */
export function seatOf(parent: Parent, group: WorkerGroup, stop: () => void): Seat {
  return {
    group,
    listeners: new ParentListeners(parent, group, stop),
    computeMetrics: async (prediction: EvalPrediction) =>
      group.isFirst ? parent.ask<Record<string, number>>({ kind: "metrics", prediction }) : {},
    stopWanted: parent.stopWanted.signal,
    stop,
  };
}
