/** Starts a notebook in Jupyter's own client, and reads what becomes of its cells. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { CellEvent } from "./watch";

/** The project's folder. */
export const ROOT: string = resolve(__dirname, "../..");

/** Where notebooks are, and run. */
export const NOTEBOOKS: string = join(ROOT, "notebooks");

/** One notebook to run, and where everything goes. */
export interface Execution {
  notebook: string;
  executed: string;
  failed: string;
  html: string;
  kernelOutput: string;
}

/**
 * Starts Jupyter's client on a notebook, in a process group of its own: Ctrl-C reaches it only through us. Its stdin is
 * the sign that we live: when we are killed, it ends itself and the kernel.
 */
export function startNotebook(files: Execution): ChildProcess {
  const python = join(ROOT, ".venv", "bin", "python");
  const paths = [files.notebook, NOTEBOOKS, files.executed, files.failed, files.html, files.kernelOutput];
  return spawn(python, [join(__dirname, "execute.py"), ...paths], {
    cwd: NOTEBOOKS,
    detached: true,
    env: { ...process.env, JUPYTER_PREFER_ENV_PATH: "1", TF_CPP_MIN_LOG_LEVEL: "2", PYTHONWARNINGS: "ignore" },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Waits for a notebook that was started, and tells each event. */
export async function watchNotebook(child: ChildProcess, onEvent: (event: CellEvent) => void): Promise<CellEvent> {
  let last: CellEvent = {};
  let complaint = "";
  child.stderr?.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  if (child.stdout) {
    for await (const line of createInterface({ input: child.stdout })) {
      last = JSON.parse(line) as CellEvent;
      onEvent(last);
    }
  }
  if (child.exitCode === null) await new Promise((done) => child.once("close", done));
  if (last.done || (last.failed ?? last.stopped ?? last.unwritten) !== undefined) return last;
  const got = `${child.signalCode ?? `exit code ${child.exitCode}`}:\n${complaint.trim().slice(-2000)}`;
  throw new Error(`\`scripts/notebook/execute.py\`: expected to end with a result, got ${got}`);
}
