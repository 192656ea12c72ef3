/** Processes that are killed or stopped. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type LogLine, LogReader } from "../../lib/runs/log";
import { runPaths } from "../../lib/runs/run-folder";
import { killAndResume, type Moment, randomMoments } from "../checks/killed-run";
import { killable, type RunSize } from "./demo-run";
import type { Fault, Lab } from "./fault";

/** Kills a run at each moment, resumes it, and compares its adapter with the undisturbed run's. */
async function survive(lab: Lab, moments: readonly Moment[], size: RunSize, kill?: KillOne): Promise<string> {
  const out = lab.newFolder();
  let number = 0;
  const kills = kill && ((child: ChildProcess) => kill(child, number++));
  const starts = await killAndResume(killable(out, size, kills), moments);
  await lab.assertSame(out, size);
  const resumed = starts.filter((step) => step > 0).length;
  assert.ok(resumed > 0, `resumed from ${starts}`);
  return `${moments.length} times, ${resumed} resumed from a checkpoint, the adapter is the same`;
}

type KillOne = (child: ChildProcess, number: number) => Promise<void>;

/** Moments after the first checkpoint. */
function moments(lab: Lab, count: number, { steps, saveSteps }: RunSize = lab.size): Moment[] {
  return randomMoments(count, { first: saveSteps + 1, end: steps - 1 }, lab.seed);
}

const twice: KillOne = async (child) => {
  child.kill("SIGINT");
  // Within 300 ms it would be the same press.
  await pause(350);
  child.kill("SIGINT");
};

/** Of the 5,000 steps. */
const LONG = { steps: 5000, saveSteps: 100 };

/** Largest growth of the peak memory after a tenth of the run, as a share. */
const GROWTH = 0.01;

/** Memory of tensors, and the process's peak so far, at the log entries of a run's last process. */
function memoryOf(out: string): { tensorBytes: number[]; peaks: number[] } {
  const lines = new LogReader(runPaths(out).log).read();
  const begun = lines.findLastIndex(({ event }: LogLine) => event === "trainBegin");
  const memory = lines.slice(begun).flatMap((line) => line.memory ?? []);
  return {
    tensorBytes: memory.map(({ tensorBytes }) => tensorBytes),
    peaks: memory.map(({ peakRssBytes }) => peakRssBytes),
  };
}

/** 5,000 steps with ten stops, kills and resumes. */
async function longRun(lab: Lab): Promise<string> {
  const whole = await lab.whole(LONG);
  const stopOrKill: KillOne = async (child, number) => void child.kill(number % 2 === 0 ? "SIGKILL" : "SIGINT");
  const seen = await survive(lab, moments(lab, 10, LONG), LONG, stopOrKill);
  const { tensorBytes, peaks } = memoryOf(whole);
  // Resident memory itself goes up and down by some 4 %, as the collector and the allocator please; its peak does not.
  const [tenth, end] = [peaks[Math.ceil(peaks.length / 10)] ?? 0, peaks.at(-1) ?? Number.NaN];
  const grown = end / tenth - 1;
  const [before, after] = [tenth, end].map((bytes) => (bytes / 1e6).toFixed(1));
  const figures = `peak memory ${before} MB after a tenth, ${after} MB at the end (${(100 * grown).toFixed(2)} %)`;
  assert.deepEqual([...new Set(tensorBytes)].length, 1, `bytes of tensors at the log entries: ${tensorBytes}`);
  assert.ok(grown < GROWTH, figures);
  const kilobytes = Math.round(statSync(runPaths(whole).log).size / 1000);
  return `${seen}; ${figures}, tensors the same; log of ${kilobytes} kB`;
}

export const KILLS: readonly Fault[] = [
  { name: "kill: SIGKILL at random moments", meet: (lab) => survive(lab, moments(lab, lab.kills), lab.size) },
  {
    name: "stop: SIGINT",
    meet: (lab) => survive(lab, moments(lab, 1), lab.size, async (child) => void child.kill("SIGINT")),
  },
  { name: "stop: SIGINT twice", meet: (lab) => survive(lab, moments(lab, 1), lab.size, twice) },
  {
    name: "stop: SIGTERM",
    meet: (lab) => survive(lab, moments(lab, 1), lab.size, async (child) => void child.kill("SIGTERM")),
  },
];

export const LONG_RUN: Fault = { name: "long: 5,000 steps with ten stops, kills and resumes", meet: longRun };
