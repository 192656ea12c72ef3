/**
 * Kills `npm start` with SIGKILL at random moments, resumes it each time, and compares the result with that of an
 * uninterrupted run: node --import tsx scripts/checks/kill-and-resume.ts [kills, default 10] [seed]
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { folderState } from "../notebook/folder";
import { type KillableRun, killAndResume, randomMoments, runProcess } from "./killed-run";

const ROWS = 400;
const STEPS = ROWS / 4;
const SAVE_STEPS = 25;
/** Last steps, in which no process is killed, since that could be too late. */
const MARGIN = 5;

const ROOT = resolve(__dirname, "../..");

const kills = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 100_000);
const folder = mkdtempSync(join(tmpdir(), "kill-and-resume-"));

/**
 * Runs `npm start` into a folder. Kills alternate between the whole process group, as when a terminal is closed, and the
 * kernel alone, as when memory runs out.
 */
function runIn(out: string): KillableRun {
  const log = join(out, "log.jsonl");
  const options = ["--demo", "--train-limit", `${ROWS}`, "--eval-limit", "100", "--save-steps", `${SAVE_STEPS}`];
  let kill = 0;
  return {
    log,
    start() {
      const resumes = folderState(out) === "cut off";
      // A run that starts over starts its log over too.
      if (!resumes) rmSync(log, { force: true });
      const command = ["start", "--", ...(resumes ? ["--resume"] : options), "--out", out];
      return spawn("npm", command, { cwd: ROOT, detached: true, stdio: ["ignore", "ignore", "inherit"] });
    },
    async kill({ pid = 0 }) {
      process.kill(kill++ % 2 === 0 ? -pid : kernelUnder(pid), "SIGKILL");
      // The kernel of a killed npm start ends within a tenth of a second, and may write another line until then.
      await pause(500);
    },
  };
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
  await runProcess(runIn(whole));

  // One kill comes before the first checkpoint, the others at any later step.
  const moments = [
    ...randomMoments(1, { first: 1, end: SAVE_STEPS - 1 }, seed),
    ...randomMoments(kills - 1, { first: SAVE_STEPS + 1, end: STEPS - MARGIN }, seed),
  ];
  await killAndResume(runIn(killed), moments, ({ step }, begun) => {
    console.log(`begun at step ${begun}, killed after step ${step}`);
  });

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
