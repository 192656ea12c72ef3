import { once } from "node:events";

/** Presses Ctrl-C, and waits until everybody who listens was told: the thread that takes signals is another one. */
export async function pressStop(): Promise<void> {
  const told = once(process, "SIGINT");
  // Waiting for a signal keeps no process alive.
  const waiting = setInterval(() => undefined, 1000);
  process.kill(process.pid, "SIGINT");
  await told;
  clearInterval(waiting);
}
