/** The thread that ends the kernel when the process that drives it is gone, also while a cell computes. */
import { isMainThread, Worker } from "node:worker_threads";
import { isAlive } from "../../../lib/process/alive.js";

const EVERY_MS = 1000;

/** Jupyter's client, as far as it tells who it is. */
const client = Number(process.env.JPY_PARENT_PID) || process.ppid;

/** A cell that computes leaves its own thread no time to look: another one does. */
export function endWithParent() {
  new Worker(new URL(import.meta.url)).unref();
}

/** Whoever lost its parent gets another one. */
function watch() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid === parent && isAlive(client)) return;
    try {
      // Jupyter gives the kernel a group of its own, with all that the kernel starts.
      process.kill(-process.pid, "SIGKILL");
    } catch {
      process.kill(process.pid, "SIGKILL");
    }
  }, EVERY_MS);
}

if (!isMainThread) watch();
