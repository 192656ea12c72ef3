/** The stop button of a notebook and Ctrl-C of a terminal: both send SIGINT. */

/** An evaluation was ended by SIGINT. */
export class EvaluationStopped extends Error {}

/** Pieces of interruptible work under way, one within the other. */
let depth = 0;

/** Lets timers, messages and signals be handled: the process has one thread. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether somebody further out is told of a SIGINT already. */
export function isInterruptible(): boolean {
  return depth > 0;
}

/**
 * Runs `work` with SIGINT meaning "stop when you can" instead of "fail". A second one has its usual effect.
 *
 * @param onInterrupt is called at the first SIGINT
 */
export async function interruptible<T>(onInterrupt: () => void, work: () => Promise<T>): Promise<T> {
  // A notebook kernel hides its own listeners during the synchronous part of a cell.
  await nextTurn();
  const others = process.listeners("SIGINT");
  let pressed = false;
  const listener = (signal: NodeJS.Signals): void => {
    if (!pressed) {
      pressed = true;
      onInterrupt();
    } else if (others.length > 0) {
      for (const other of others) other(signal);
    } else {
      process.removeListener("SIGINT", listener);
      process.kill(process.pid, signal);
    }
  };
  process.on("SIGINT", listener);
  for (const other of others) process.removeListener("SIGINT", other);
  depth++;
  try {
    return await work();
  } finally {
    depth--;
    for (const other of others) process.on("SIGINT", other);
    process.removeListener("SIGINT", listener);
  }
}
