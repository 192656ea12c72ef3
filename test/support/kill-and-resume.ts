/** A training run in a process of its own that is killed and resumed. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Mt19937 } from "../../lib/runtime/random";

/** What came of a process. */
export interface ChildEnd {
  /** Step it started from: 0, or the checkpoint's. */
  from: number;
  /** Whether it was killed before its end. */
  killed: boolean;
}

/**
 * Runs `training-child.ts`, and kills it some time after a step.
 *
 * @param kill.step the step; without `kill` the run goes to its end
 * @param kill.delay milliseconds after that step
 */
export function runChild(outputDir: string, kill?: { step: number; delay: number }): Promise<ChildEnd> {
  const child = spawn(process.execPath, ["--import", "tsx", `${__dirname}/training-child.ts`, outputDir], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let from = -1;
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [what, number] = line.split(" ");
    if (what === "from") from = Number(number);
    if (what === "step" && kill !== undefined && Number(number) === kill.step) {
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
 * Kills a run at random moments, resumes it each time, and at last lets it end.
 *
 * @param options.steps of the whole run
 * @param options.first earliest step to be killed after
 * @returns the steps that each process started from
 */
export async function killAndResume(
  outputDir: string,
  options: { kills: number; steps: number; first: number; seed: number },
): Promise<number[]> {
  const generator = new Mt19937(options.seed);
  const choices = generator.randperm(options.steps - options.first - 1).slice(0, options.kills);
  const moments = [...choices].sort((a, b) => a - b).map((choice) => options.first + choice);
  const starts: number[] = [];
  for (const step of moments) {
    const end = await runChild(outputDir, { step, delay: generator.next32() % 30 });
    if (!end.killed) throw new Error(`The run was over before it could be killed after step ${step}.`);
    starts.push(end.from);
  }
  starts.push((await runChild(outputDir)).from);
  return starts;
}
