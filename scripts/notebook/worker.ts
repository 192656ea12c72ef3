/** `npm start -- --worker-hosts a:2222,b:2222 --worker-index 1`: a worker of a run on another machine. */
import { checkHosts, checkIndex } from "../../lib/parallel/hosts";
import { Presses } from "../../lib/process/interrupt";
import { joinWorkers } from "../../lib/train/workers/join";
import { flagOf, type Given, UsageError } from "../cli/command-line";
import { asTyped } from "../cli/options";

/** What a worker is told; the rest comes from worker 0. */
const OF_WORKERS = ["workerHosts", "workerIndex", "workerTimeout"];

/**
 * Checks the options of workers.
 * @returns the index of a worker on another machine than the run's; undefined for the run itself
 * @throws {UsageError} they do not fit together
 */
export function workerIndexOf(typed: Given): number | undefined {
  const { workerHosts: hosts, workerIndex: index } = typed as { workerHosts?: string[]; workerIndex?: number };
  if (hosts === undefined) {
    if (index === undefined) return undefined;
    throw new UsageError("`--worker-index`: expected together with --worker-hosts, got no hosts.");
  }
  if (index === undefined) {
    throw new UsageError(
      "`--worker-hosts`: expected together with --worker-index, this machine's place in them, from 0.",
    );
  }
  try {
    checkHosts(hosts);
    checkIndex(hosts, index);
  } catch (error) {
    throw new UsageError(asTyped((error as Error).message));
  }
  if (index === 0) return undefined;
  const other = Object.keys(typed).find((name) => !OF_WORKERS.includes(name));
  if (other === undefined) return index;
  throw new UsageError(
    `\`${flagOf(other)}\`: expected with --worker-index 0 alone, got it with ${index}. Leave it out: all of that comes from there.`,
  );
}

/** Works until the run has ended. Ctrl-C stops the run with a checkpoint. @returns the exit code: 0, or 130 when stopped here */
export async function runWorker(typed: Given, index: number): Promise<number> {
  const { workerHosts, workerTimeout } = typed as { workerHosts: string[]; workerTimeout?: number };
  const stop = new AbortController();
  const presses = new Presses();
  process.on("SIGINT", () => {
    const press = presses.next();
    if (press === 1) console.log("Stopping the run after the step under way. Once more: this worker at once.");
    if (press === 1) stop.abort();
    if (press === 2) process.exit(130);
  });
  console.log(`Worker ${index} of ${workerHosts.length}, waiting for worker 0 at ${workerHosts[0]} …`);
  await joinWorkers({ hosts: workerHosts, index, timeout: workerTimeout, signal: stop.signal });
  console.log("The training has ended; its results are with worker 0.");
  return stop.signal.aborted ? 130 : 0;
}
