/** Benchmark runs of both sides, each in its own process so that none affects the next. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { UsageError } from "../cli/command-line";
import type { Measurement } from "./measure";
import type { Dtype, Job } from "./options";
import { rounded } from "./statistics";

const root = path.resolve(__dirname, "..", "..");
const peerFolder = path.join(root, "scripts", "bench");

/** Figures of a run; keys that only our runs have are optional. */
export type RunFigures = Omit<Measurement, OursAlone> &
  Partial<Pick<Measurement, OursAlone>> & {
    /** Share of the machine's processor time that other processes took; a large one makes the figures unreliable. */
    others_share: number;
  };
type OursAlone = "ops_per_step" | "matmul_gflops" | "floor_share" | "kernels";

/** Options of a run of either side. */
export interface RunRequest {
  job: Job;
  /** Folder with model/ and batches.json. */
  inputs: string;
  steps: number;
  dtype: Dtype;
}

export interface PeerEvaluation {
  evalBatch: number;
  /** Whether batches have rows of similar length. */
  groupByLength: boolean;
}

let running: ChildProcess | undefined;

/** Runs a command. @returns its stdout @throws {Error} it failed; the message has the end of its stderr */
export function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const quiet = { TF_CPP_MIN_LOG_LEVEL: "2", PYTHONWARNINGS: "ignore", ...process.env, ...env };
    const child = spawn(command, args, { cwd: root, env: quiet, stdio: ["ignore", "pipe", "pipe"] });
    running = child;
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-8000);
    });
    child.on("error", (error) => {
      reject(new UsageError(`\`${command}\`: expected a program that starts, got: ${error.message}.`));
    });
    child.on("close", (code, signal) => {
      running = undefined;
      if (code === 0) return resolve(stdout);
      const line = [path.basename(command), ...args].join(" ");
      reject(new Error(`${stderr.trimEnd()}\n\n\`${line}\`: expected exit code 0, got ${signal ?? code}.`));
    });
  });
}

/** One run of this library. */
export async function runOurs(request: RunRequest): Promise<RunFigures> {
  const { job, inputs, steps, dtype } = request;
  const main = path.join(__dirname, "main.ts");
  const options = ["--inputs", path.resolve(inputs), "--steps", `${steps}`, "--dtype", dtype];
  return observed(() => run(process.execPath, ["--import", "tsx", main, job, ...options]));
}

/** One run of Hugging Face's Trainer with PEFT. */
export async function runPeer(python: string, request: RunRequest, best?: PeerEvaluation): Promise<RunFigures> {
  const { job, inputs, steps, dtype } = request;
  const script = path.join(peerFolder, "hf_peer.py");
  const evaluation = best
    ? ["--eval-batch", `${best.evalBatch}`, ...(best.groupByLength ? ["--group-by-length"] : [])]
    : [];
  const options = [path.resolve(inputs), job, "--steps", `${steps}`, "--dtype", dtype, ...evaluation];
  return observed(() => run(python, [script, ...options]));
}

/** Makes inputs for both sides with `scripts/bench/prepare.py`. */
export async function prepare(python: string, out: string, options: readonly string[]): Promise<void> {
  await run(python, [path.join(peerFolder, "prepare.py"), out, ...options]);
}

/** The machine of the runs, and the software versions. */
export interface Machine {
  name: string;
  cores: number;
  memoryBytes: number;
  node: string;
  /** Versions of Python's packages. */
  peer: Record<string, string>;
}

const PACKAGES = ["torch", "transformers", "peft", "accelerate"];

/** @throws {UsageError} this Python lacks what the peer needs */
export async function machineWith(python: string): Promise<Machine> {
  const program = `import json, ${PACKAGES.join(", ")}; print(json.dumps({m.__name__: m.__version__ for m in [${PACKAGES.join(", ")}]}))`;
  const versions = await run(python, ["-c", program]).catch((error: Error) => {
    const problem = error.message.split("\n").find((line) => /Error|a program that starts/.test(line));
    throw new UsageError(
      `\`--peer\`: expected a Python with ${PACKAGES.join(", ")}, got ${python} (${problem}). Make one: ` +
        `python3 -m venv runs/peer && runs/peer/bin/pip install ${PACKAGES.join(" ")}; then --peer runs/peer/bin/python.`,
    );
  });
  return {
    name: os.cpus()[0]?.model ?? os.arch(),
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    node: process.versions.node,
    peer: JSON.parse(versions) as Record<string, string>,
  };
}

/** Runs a benchmark and measures how busy other processes keep the machine. */
async function observed(start: () => Promise<string>): Promise<RunFigures> {
  const before = machineTime();
  const figures = figuresOf(await start());
  const after = machineTime();
  const others = after.busy - before.busy - figures.cpu_seconds;
  // May be slightly negative: the system counts in hundredths of a second, and the process outlives its last line.
  return { ...figures, others_share: rounded(Math.max(0, others / (after.all - before.all)), 3) };
}

/** Processor time of all cores since the machine started, in seconds. */
function machineTime(): { busy: number; all: number } {
  const times = os.cpus().map(({ times }) => times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const all = times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq + time.idle, 0);
  return { busy: (all - idle) / 1000, all: all / 1000 };
}

/** Reads the figures in the last line of the output; the Trainer prints its log before them. */
export function figuresOf(stdout: string): Omit<RunFigures, "others_share"> {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as RunFigures;
  } catch {
    throw new Error(`A run's last line: expected JSON, got "${line.slice(0, 200)}".`);
  }
}

/** Gives `work` a folder that is removed afterwards. An interrupt also removes it, and ends the current run. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupted = (): void => {
    running?.kill("SIGTERM");
    remove();
    process.exit(130);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await work(folder);
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    remove();
  }
}
