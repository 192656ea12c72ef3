/** Attempts of trials in the folder that all machines of a sweep share: one folder each. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { writeFolderAtomic } from "../../../files/atomic";
import { missingMetrics, type RunMetrics } from "../../../runs/metrics";
import { runPaths } from "../../../runs/run-folder";
import type { TrialVersions } from "../../identity";
import type { PlannedTrial, TrialTask } from "../engine";

/** What lies in the folder of an attempt. */
export const ATTEMPT_FILES = {
  /** The trial as JSON, made before the job is submitted. */
  task: "task.json",
  /** The trial's folder. */
  result: "result",
  /** Made when the result is complete. */
  complete: "complete",
  /** Why it failed. */
  error: "error.json",
  /** Made when nobody wants the result any more. */
  cancelled: "cancelled",
} as const;

/** Content of an attempt's task.json. */
export interface AttemptTask extends TrialTask {
  versions: TrialVersions;
}

/** Content of an attempt's error.json. */
export interface AttemptError {
  message: string;
  /** Whether the trial is at fault, or the machine, on which no other would fare better. */
  kind: "trial" | "node";
}

/** The attempts of one sweep. */
export class Attempts {
  /** @param folder absolute, and the same on all machines */
  constructor(readonly folder: string) {}

  folderOf(id: string, attempt: number): string {
    return path.join(this.folder, id, `attempt-${attempt}`);
  }

  /** The number of the last attempt; 0 without any. */
  last(id: string): number {
    const trial = path.join(this.folder, id);
    const names = existsSync(trial) ? readdirSync(trial) : [];
    return Math.max(0, ...names.map((name) => Number(name.replace("attempt-", "")) || 0));
  }

  /** The file that an attempt's job is given. */
  taskOf(id: string, attempt: number): string {
    return path.join(this.folderOf(id, attempt), ATTEMPT_FILES.task);
  }

  /** Makes the folder of an attempt, with its task. */
  begin(task: AttemptTask, attempt: number): void {
    const folder = this.folderOf(task.id, attempt);
    mkdirSync(folder, { recursive: true });
    const content = { ...task, folder: path.join(folder, ATTEMPT_FILES.result) };
    writeFileSync(this.taskOf(task.id, attempt), JSON.stringify(content));
  }

  /** The metrics of an attempt that is complete. */
  metrics(id: string, attempt: number): RunMetrics | undefined {
    if (!existsSync(path.join(this.folderOf(id, attempt), ATTEMPT_FILES.complete))) return undefined;
    const { metrics } = runPaths(path.join(this.folderOf(id, attempt), ATTEMPT_FILES.result));
    const json = readIfThere(metrics);
    return json && missingMetrics(json).length === 0 ? (json as unknown as RunMetrics) : undefined;
  }

  error(id: string, attempt: number): AttemptError | undefined {
    const file = path.join(this.folderOf(id, attempt), ATTEMPT_FILES.error);
    return readIfThere(file) as AttemptError | undefined;
  }

  /** Tells an attempt's job to end, also where Ray no longer knows it. */
  cancel(id: string, attempt: number): void {
    const folder = this.folderOf(id, attempt);
    if (existsSync(folder)) writeFileSync(path.join(folder, ATTEMPT_FILES.cancelled), "");
  }

  /** Puts the result of an attempt in the trial's place, whole or not at all. */
  keep({ record, folder }: PlannedTrial, attempt: number): void {
    const result = path.join(this.folderOf(record.id, attempt), ATTEMPT_FILES.result);
    writeFolderAtomic(folder, (beside) => cpSync(result, beside, { recursive: true }));
  }

  /** Removes all attempts of a trial; jobs that still write there end by themselves. */
  remove(id: string): void {
    rmSync(path.join(this.folder, id), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @returns undefined where there is no such file, or half of one */
function readIfThere(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
