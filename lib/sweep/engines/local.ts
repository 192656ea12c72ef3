/** The engine of one machine: trials one after another in this process, or side by side in child processes. */
import { fork } from "node:child_process";
import * as path from "node:path";
import { nextTurn } from "../../process/interrupt";
import type { RunMetrics } from "../../runs/metrics";
import { availableCores } from "../../tensor/cores";
import { runTrial } from "../trial";
import type { EngineRun, TrialTask } from "./engine";
import { CHILD_ARGUMENTS, taskOf, threadsEnvironment } from "./handing-over";

/** Options of the engine "local". */
export interface LocalOptions {
  name: "local";
  /** Trials at a time; above 1, or with `threads`, each runs in a process of its own (default 1). */
  parallel?: number;
  /**
   * Threads that compute a trial (default: the cores, shared out among the trials at a time). TensorFlow rounds sums
   * otherwise with another number of threads, so adapters are equal byte for byte only where it is equal.
   */
  threads?: number;
}

/** What a child process says of its trial. */
export type ChildMessage =
  | { kind: "progress"; share: number }
  | { kind: "ended"; metrics: RunMetrics }
  | { kind: "stopped" }
  | { kind: "failed"; message: string };

/** @throws {RangeError} a number is not a whole one above 0 */
export async function runLocally(run: EngineRun, { parallel = 1, threads }: LocalOptions): Promise<void> {
  for (const [name, value] of Object.entries({ parallel, threads: threads ?? 1 })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`\`${name}\`: expected a whole number above 0, got ${value}.`);
    }
  }
  if (parallel === 1 && threads === undefined) return oneByOne(run);
  const workers = Math.min(parallel, run.trials.length);
  return sideBySide(run, { workers, threads: threads ?? Math.max(1, Math.floor(availableCores() / parallel)) });
}

async function oneByOne(run: EngineRun): Promise<void> {
  for (const trial of run.trials) {
    if (run.signal.aborted) return;
    run.began(trial);
    const metrics = await runTrial(trial.parameters, { ...run, folder: trial.folder });
    if (metrics === undefined) return;
    run.ended(trial, metrics);
    await nextTurn();
  }
}

/** Several child processes, each taking the next trial when it has finished one. The first error stops all of them. */
async function sideBySide(run: EngineRun, how: { workers: number; threads: number }): Promise<void> {
  const queue = [...run.trials];
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const work = async (): Promise<void> => {
    const child = new TrialProcess(how.threads);
    try {
      while (!signal.aborted) {
        const trial = queue.shift();
        if (!trial) return;
        run.began(trial);
        const metrics = await child.run(taskOf(trial, run), signal, (share) => run.progress(trial, share));
        if (metrics) run.ended(trial, metrics);
      }
    } catch (error) {
      stop.abort();
      throw error;
    } finally {
      await child.end();
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: how.workers }, work));
  const failed = workers.find((worker) => worker.status === "rejected");
  if (failed) throw failed.reason;
}

const CHILD = path.join(__dirname, `child${path.extname(__filename)}`);

/** A child process that runs trials, one at a time. */
class TrialProcess {
  readonly #child;
  readonly #over: Promise<string>;
  #errors = "";

  constructor(threads: number) {
    this.#child = fork(CHILD, {
      env: { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env, ...threadsEnvironment(threads) },
      execArgv: CHILD_ARGUMENTS,
      // A Ctrl-C of the terminal is this process's to answer.
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#over = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(error.message));
      this.#child.on("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** @returns the trial's metrics; undefined if it was stopped */
  async run(task: TrialTask, signal: AbortSignal, progress: (share: number) => void): Promise<RunMetrics | undefined> {
    const child = this.#child;
    const stop = (): void => void (child.connected && child.send({ kind: "stop" }));
    let listener: ((message: ChildMessage) => void) | undefined;
    const answer = new Promise<ChildMessage>((resolve) => {
      listener = (message) => (message.kind === "progress" ? progress(message.share) : resolve(message));
      child.on("message", listener);
    });
    signal.addEventListener("abort", stop);
    try {
      if (child.connected) child.send({ kind: "task", task });
      const ended = await Promise.race([answer, this.#over]);
      if (typeof ended === "string") throw new Error(this.#lost(task, ended));
      if (ended.kind === "failed") throw new Error(ended.message);
      return ended.kind === "ended" ? ended.metrics : undefined;
    } finally {
      signal.removeEventListener("abort", stop);
      if (listener) child.off("message", listener);
    }
  }

  /** Ends the process and waits for it. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#over;
  }

  #lost({ folder }: TrialTask, how: string): string {
    const remedy = "If memory ran out, take fewer at a time (`parallel`). The same sweep goes on from here.";
    return `\`${folder}\`: expected its process to finish the trial, got ${how}. ${remedy}\n${this.#errors}`.trimEnd();
  }
}
