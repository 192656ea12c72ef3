/** The stop button of a notebook and Ctrl-C of a terminal, which both send SIGINT, as an AbortSignal. */
import { setTimeout as pause } from "node:timers/promises";

/** An evaluation was stopped before all its rows were predicted. */
export class EvaluationStopped extends Error {}

/** Whether interruptible work is running and handles SIGINT. */
let underWay = false;

/** Yields to the event loop, so that timers, messages and signals are handled. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds within which several signals count as one press. */
const ONE_PRESS = 300;

/**
 * Counts presses of the stop button. Without a terminal one Ctrl-C can reach a process several times: through its
 * process group, and from a parent that hands the signal on.
 */
export class Presses {
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Counts a signal. @returns the number of its press, from 1; undefined if it belongs to the last press */
  next(): number | undefined {
    if (this.#left() > 0) return undefined;
    this.#last = performance.now();
    return ++this.#count;
  }

  /** Waits until no further signal can belong to the last press. */
  async settled(): Promise<void> {
    if (this.#count > 0) await pause(Math.max(0, this.#left()));
  }

  #left(): number {
    return this.#last + ONE_PRESS - performance.now();
  }
}

/**
 * Runs `work` with SIGINT meaning "stop when you can" instead of "fail": the first press aborts the signal that the work
 * is given, a second one has its usual effect. Only the outermost interruptible work listens; work inside it is stopped
 * through the signal that it passes down.
 *
 * @param signal aborts the work too
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const controller = new AbortController();
  if (underWay) return work(signal ?? controller.signal);
  underWay = true;
  try {
    // A notebook kernel hides its own listeners during the synchronous part of a cell.
    await nextTurn();
    const signals = [controller.signal, ...(signal ? [signal] : [])];
    return await listening(
      () => controller.abort(),
      () => work(AbortSignal.any(signals)),
    );
  } finally {
    underWay = false;
  }
}

/** Runs `work` with a listener for SIGINT in the place of all others; a second press goes to them. */
async function listening<T>(onFirst: () => void, work: () => Promise<T>): Promise<T> {
  const others = process.listeners("SIGINT");
  const presses = new Presses();
  const listener = (signal: NodeJS.Signals): void => {
    const press = presses.next();
    if (press === undefined) return;
    if (press === 1) onFirst();
    else if (others.length > 0) {
      for (const other of others) other(signal);
    } else {
      process.removeListener("SIGINT", listener);
      process.kill(process.pid, signal);
    }
  };
  process.on("SIGINT", listener);
  for (const other of others) process.removeListener("SIGINT", other);
  try {
    return await work();
  } finally {
    await presses.settled();
    for (const other of others) process.on("SIGINT", other);
    process.removeListener("SIGINT", listener);
  }
}
