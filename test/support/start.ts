/** `npm start` without its set-up, in a process of its own. */
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
export function start(
  options: string[],
  { timeout = 180_000, env = process.env }: { timeout?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const command = ["--import", "tsx", join(root, "scripts/notebook/main.ts"), ...options];
  // SIGKILL, as what hangs may not listen to anything less; the kernel ends itself when we are gone.
  const how = { cwd: root, env, timeout, killSignal: "SIGKILL", maxBuffer: Number.POSITIVE_INFINITY } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, command, how, (error, stdout, stderr) => {
      if (!error?.killed) return resolve({ code: child.exitCode, stdout, stderr });
      const line = `npm start -- ${options.join(" ")}`;
      reject(new Error(`\`${line}\`: expected an end within ${timeout / 1000} s, got none.\n${stdout}${stderr}`));
    });
  });
}
