/** A training run in a process of its own that is killed and resumed. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Mt19937 } from "../../lib/tensor/random";

/** The run of `training-child.ts`; an epoch has four steps. */
export interface ChildRun {
  outputDir: string;
  epochs: number;
  saveSteps: number;
}

/** What came of a process. */
export interface ChildEnd {
  /** Step it started from: 0, or the checkpoint's. */
  from: number;
  /** Whether it was killed before its end. */
  killed: boolean;
}

/**
 * Runs `training-child.ts`, and kills it some time after a step. A run that is to be killed waits for it in its last step.
 *
 * @param kill.step the step, or the first one after it that this process makes; without `kill` the run goes to its end
 * @param kill.delay milliseconds after that step
 */
export function runChild(run: ChildRun, kill?: { step: number; delay: number }): Promise<ChildEnd> {
  const given = [run.outputDir, `${run.epochs}`, `${run.saveSteps}`, ...(kill === undefined ? [] : ["wait"])];
  const child = spawn(process.execPath, ["--import", "tsx", `${__dirname}/training-child.ts`, ...given], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let from = -1;
  let aimed = false;
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [what, number] = line.split(" ");
    if (what === "from") from = Number(number);
    if (what === "step" && kill !== undefined && !aimed && Number(number) >= kill.step) {
      aimed = true;
      setTimeout(() => child.kill("SIGKILL"), kill.delay);
    }
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve({ from, killed: true });
      else if (code === 0) resolve({ from, killed: false });
      else reject(new Error(`The training process ended with ${code ?? signal}: ${errors}`));
    });
  });
}

/**
 * Kills a run at random moments after its first checkpoint, resumes it each time, and at last lets it end.
 *
 * @returns the steps that each process started from
 */
export async function killAndResume(run: ChildRun, kills: number, seed: number): Promise<number[]> {
  const generator = new Mt19937(seed);
  const choices = generator.randperm(4 * run.epochs - run.saveSteps - 1).slice(0, kills);
  const moments = [...choices].sort((a, b) => a - b).map((choice) => run.saveSteps + 1 + choice);
  const starts: number[] = [];
  for (const step of moments) {
    const end = await runChild(run, { step, delay: generator.next32() % 30 });
    if (!end.killed) throw new Error(`The run was over before it could be killed after step ${step}.`);
    starts.push(end.from);
  }
  starts.push((await runChild(run)).from);
  return starts;
}
