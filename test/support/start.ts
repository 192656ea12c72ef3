/** `npm start` and `npm run explore` without their set-up, in a process of their own. */
import { execFile } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** What came of it. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the notebook with these options, as `npm start` does.
 *
 * @param how.timeout milliseconds after which it is killed, its kernel with it; less than the test's own (default 180,000)
 * @param how.env its environment (default this process's)
 * @throws {Error} it was killed
 */
export function start(options: string[], how: HowRun = {}): Promise<Ended> {
  return command("main.ts", options, how);
}

/** Looks at a finished run, as `npm run explore` does; see {@link start}. */
export function explore(run: string, how: HowRun = {}): Promise<Ended> {
  return command("explore.ts", ["--run", run], how);
}

interface HowRun {
  timeout?: number;
  env?: NodeJS.ProcessEnv;
}

function command(script: string, options: string[], { timeout = 180_000, env = process.env }: HowRun): Promise<Ended> {
  const words = ["--import", "tsx", join(root, "scripts/notebook", script), ...options];
  // SIGKILL, as what hangs may not listen to anything less; the kernel ends itself when we are gone.
  const how = { cwd: root, env, timeout, killSignal: "SIGKILL", maxBuffer: Number.POSITIVE_INFINITY } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, words, how, (error, stdout, stderr) => {
      if (!error?.killed) return resolve({ code: child.exitCode, stdout, stderr });
      const line = `${script} ${options.join(" ")}`;
      reject(new Error(`\`${line}\`: expected an end within ${timeout / 1000} s, got none.\n${stdout}${stderr}`));
    });
  });
}
