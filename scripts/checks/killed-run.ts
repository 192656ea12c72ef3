/** Kills a run at chosen moments and resumes it, for checks of what survives a SIGKILL. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type LogLine, LogReader } from "../../lib/runs/log";
import { Mt19937 } from "../../lib/tensor/random";

/** A run in processes of its own. */
export interface KillableRun {
  /** Its log, which every process appends to. */
  log: string;
  /**
   * Starts a process that begins or resumes the run.
   * @param isKilled whether it will be killed, which a very short run may wait for in its last step
   */
  start(isKilled: boolean): ChildProcess;
  /** Kills a process of the run (default: with SIGKILL, and it alone). */
  kill?(child: ChildProcess): Promise<void>;
}

/** When a process is killed: some milliseconds after a step. */
export interface Moment {
  step: number;
  delay: number;
}

/** Random moments of different steps, in order: from step `first` to before step `end`. */
export function randomMoments(count: number, range: { first: number; end: number }, seed: number): Moment[] {
  const generator = new Mt19937(seed);
  const steps = generator
    .randperm(range.end - range.first)
    .slice(0, count)
    .sort();
  return Array.from(steps, (step) => ({ step: range.first + step, delay: generator.next32() % 30 }));
}

/**
 * Starts a process of the run and waits until it ends, or kills it at a moment.
 *
 * @returns the step that it began at: 0, or that of the checkpoint that it resumed
 * @throws {Error} it failed, or ended before it could be killed
 */
export async function runProcess(run: KillableRun, moment?: Moment): Promise<number> {
  const child = run.start(moment !== undefined);
  // Lines of earlier processes, which this one appends to.
  const reader = new LogReader(run.log);
  reader.read();
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  const closed = once(child, "close");
  const lines: LogLine[] = [];
  const reached = (): number => lines.findLast(({ event }) => event === "step")?.step ?? -1;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  while (moment && isRunning() && reached() < moment.step) {
    await pause(2);
    lines.push(...reader.read());
  }
  if (moment) {
    await pause(moment.delay);
    if (!isRunning())
      throw new Error(`The run: expected to be killed after step ${moment.step}, got an end: ${errors}`);
    if (run.kill) await run.kill(child);
    else child.kill("SIGKILL");
  }
  const [code] = (await closed) as [number | null];
  if (!moment && code !== 0) throw new Error(`The run: expected exit code 0, got ${code}: ${errors}`);
  lines.push(...reader.read());
  return lines.find(({ event }) => event === "trainBegin")?.step ?? -1;
}

/**
 * Kills a run at each moment, resumes it each time, and finally lets it end.
 *
 * @param onKill called for each killed process
 * @returns the steps that the processes began at
 */
export async function killAndResume(
  run: KillableRun,
  moments: readonly Moment[],
  onKill?: (moment: Moment, begun: number) => void,
): Promise<number[]> {
  const starts: number[] = [];
  for (const moment of moments) {
    starts.push(await runProcess(run, moment));
    onKill?.(moment, starts.at(-1) as number);
  }
  return [...starts, await runProcess(run)];
}
