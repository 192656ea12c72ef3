/** Runs of the demo in processes of their own, and what must be equal at their end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runPaths } from "../../lib/runs/run-folder";
import type { KillableRun } from "../checks/killed-run";
import type { ChildPlan } from "./child";

/** How long a run is. */
export type RunSize = Pick<ChildPlan, "steps" | "saveSteps">;

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null;
  said: string;
}

/** Starts a program of `scripts/`. */
export function startProgram(name: string, args: readonly string[]): ChildProcess {
  const command = ["--import", "tsx", join(__dirname, "..", name), ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Waits for the end of a program. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said };
}

/** Trains, from the last checkpoint in the folder if there is one. */
export function train(out: string, size: RunSize, fillBefore?: ChildPlan["fillBefore"]): Promise<Ended> {
  const plan: ChildPlan = { out, ...size, ...(fillBefore ? { fillBefore } : {}) };
  return endOf(startProgram("faults/child.ts", [JSON.stringify(plan)]));
}

/**
 * A run to be killed.
 * @param kill what is done to its processes (default: SIGKILL)
 */
export function killable(out: string, size: RunSize, kill?: KillableRun["kill"]): KillableRun {
  const start = (waits: boolean): ChildProcess => {
    const child = startProgram("faults/child.ts", [JSON.stringify({ out, ...size, waits })]);
    child.stdout?.resume();
    return child;
  };
  return { log: runPaths(out).log, start, ...(kill ? { kill } : {}) };
}

/** SHA-256 of a run's adapter. */
export function adapterOf(out: string): string {
  const file = join(runPaths(out).adapter, "adapter_model.safetensors");
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : "none";
}

/** Half written files and folders anywhere in a folder. */
export function halfWritten(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"));
}
