/** A worker on another machine than worker 0. */
import { extname, join } from "node:path";
import { checkAddon } from "../../parallel/addon";
import { checkHosts, checkIndex, portWarning } from "../../parallel/hosts";
import { runWorkers } from "../../parallel/processes";
import type { WorkerStart } from "./messages";

/** Options of {@link joinWorkers}. */
export interface JoinWorkersOptions {
  /** Addresses of all workers, as ["a:2222", "b:2222"]: the same list on each machine. */
  hosts: readonly string[];
  /** This machine's place in the list, from 1; place 0 is where the Trainer is. */
  index: number;
  /** Seconds that a worker may keep the others waiting before all are ended (default 300). */
  timeout?: number;
  /** Ends the whole training, with a checkpoint, when it is aborted (default none). */
  signal?: AbortSignal;
}

/**
 * Takes part in a training on several machines, to its end: the one of the Trainer whose argument `workerHosts` is this list.
 * Model, data and arguments come from there.
 *
 * @throws {RangeError} hosts or index are not allowed
 * @throws a worker was lost, or the training failed; then all workers have to be started again
 */
export async function joinWorkers({ hosts, index, timeout = 300, signal }: JoinWorkersOptions): Promise<void> {
  checkHosts(hosts);
  checkIndex(hosts, index);
  if (index === 0) throw new RangeError("`index`: expected 1 or more, got 0. Worker 0 is where the Trainer is.");
  checkAddon();
  console.warn(portWarning(hosts));
  const start: WorkerStart = { hosts, index, timeout, job: undefined, sharesFiles: false, resumeFrom: false };
  const failure = await runWorkers<object>({
    program: join(__dirname, `worker${extname(__filename)}`),
    hosts,
    indices: [index],
    argumentsOf: () => [JSON.stringify(start)],
    onMessage: () => {},
    onStart: (tellAll) => signal?.addEventListener("abort", () => tellAll({ stop: true }), { once: true }),
  });
  if (failure) throw new Error(failure.message);
}
