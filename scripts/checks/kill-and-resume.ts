/**
 * Kills `npm start` with SIGKILL at random moments, resumes it each time, and compares the end with that of a run that
 * was left alone: node --import tsx scripts/checks/kill-and-resume.ts [kills, default 10] [seed]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LogReader } from "../../lib/runs/log";
import { Mt19937 } from "../../lib/tensor/random";
import { folderState } from "../notebook/folder";

const ROWS = 400;
const STEPS = ROWS / 4;
const SAVE_STEPS = 25;
/** Steps at the end that no kill is aimed at, so that none comes too late. */
const MARGIN = 5;

const kills = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const folder = mkdtempSync(join(tmpdir(), "kill-and-resume-"));

/** What dies: all of `npm start`, as when a terminal is killed, or the kernel alone, as when memory runs out. */
type Victim = "npm start" | "kernel";

function start(out: string, resume: boolean): ChildProcess {
  const options = ["--demo", "--train-limit", `${ROWS}`, "--eval-limit", "100", "--save-steps", `${SAVE_STEPS}`];
  const command = ["start", "--", ...(resume ? ["--resume"] : options), "--out", out];
  const cwd = resolve(__dirname, "../..");
  return spawn("npm", command, { cwd, detached: true, stdio: ["ignore", "ignore", "inherit"] });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once("close", done));
}

/** The process of the kernel that runs under another one. */
function kernelUnder(ancestor: number): number {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/));
  const under = (parent: number): string[][] => {
    const children = processes.filter(([, ppid]) => Number(ppid) === parent);
    return [...children, ...children.flatMap(([id]) => under(Number(id)))];
  };
  const kernel = under(ancestor).find((process) => process.some((word) => word.endsWith("tslab.mjs")));
  if (!kernel) throw new Error("`ps`: expected a tslab kernel under npm start, got none.");
  return Number(kernel[0]);
}

/** Runs until a step and some milliseconds more, and kills. @returns the step that the run began at */
async function runAndKill(out: string, aim: { step: number; delay: number; victim: Victim }): Promise<number> {
  const file = join(out, "log.jsonl");
  const log = new LogReader(file);
  const resume = folderState(out) === "cut off";
  // What is there is old news; a run that begins anew begins its log anew too.
  if (resume) log.read();
  else rmSync(file, { force: true });
  const child = start(out, resume);
  const id = child.pid as number;
  const exit = exitOf(child);
  let from = -1;
  for (let step = -1; step < aim.step; await pause(2)) {
    if (child.exitCode !== null) throw new Error(`npm start was over before it could be killed at step ${aim.step}.`);
    const events = log.read();
    from = events.find(({ event }) => event === "trainBegin")?.step ?? from;
    step = events.findLast(({ event }) => event === "step")?.step ?? step;
  }
  await pause(aim.delay);
  process.kill(aim.victim === "kernel" ? kernelUnder(id) : -id, "SIGKILL");
  await exit;
  // The kernel of a killed npm start notices within a tenth of a second, and may write another line until then.
  await pause(500);
  return from;
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** What both runs must agree on, byte for byte. */
function outcome(out: string): Record<string, string> {
  const files = [
    "adapter",
    ...readdirSync(join(out, "checkpoints"))
      .sort()
      .map((name) => `checkpoints/${name}`),
  ]
    .map((name) => join(name, "adapter_model.safetensors"))
    .map((name) => [name, digest(join(out, name))]);
  const { baseline, final, validation, trainLoss, steps } = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8"));
  const figures = JSON.stringify({ baseline, final, validation, trainLoss, steps });
  return { ...Object.fromEntries(files), figures, files: readdirSync(out).sort().join(" ") };
}

async function main(): Promise<void> {
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  if ((await exitOf(start(whole, false))) !== 0) throw new Error("The run that was left alone failed.");

  // One kill comes before the first checkpoint, the others at any later step.
  const generator = new Mt19937(seed);
  const later = generator.randperm(STEPS - SAVE_STEPS - MARGIN).slice(0, kills - 1);
  const steps = [1 + (generator.next32() % (SAVE_STEPS - 2)), ...Array.from(later, (n) => SAVE_STEPS + 1 + n)];
  for (const [i, step] of steps.sort((a, b) => a - b).entries()) {
    const victim: Victim = i % 2 === 0 ? "npm start" : "kernel";
    const from = await runAndKill(killed, { step, delay: generator.next32() % 20, victim });
    console.log(`kill ${i + 1}: ${victim}, begun at step ${from}, killed after step ${step}`);
  }
  if ((await exitOf(start(killed, true))) !== 0) throw new Error("The last resumed run failed.");

  const [expected, got] = [outcome(whole), outcome(killed)];
  const names = Object.keys({ ...expected, ...got });
  const different = names.filter((name) => expected[name] !== got[name]);
  for (const name of different) console.error(`${name}: expected ${expected[name]}, got ${got[name]}`);
  console.log(
    `seed ${seed}: ${kills} kills, ${names.length - different.length} of ${names.length} things are the same`,
  );
  process.exitCode = different.length === 0 ? 0 : 1;
}

main().finally(() => rmSync(folder, { recursive: true, force: true }));
