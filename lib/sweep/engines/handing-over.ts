/** How trials are handed to other processes; needs no TensorFlow. */
import * as path from "node:path";
import type { EngineRun, PlannedTrial, TrialTask } from "./engine";

/** A trial as it is handed to another process. */
export function taskOf({ record, parameters, folder }: PlannedTrial, run: EngineRun): TrialTask {
  const { overwrite, offline, workspace } = run;
  const baseline = workspace.knownBaseline(record);
  return { id: record.id, parameters, folder, overwrite, offline, ...(baseline && { baseline }) };
}

/** How Node starts the child's file: compiled, or through tsx in the project itself. */
export const CHILD_ARGUMENTS = path.extname(__filename) === ".ts" ? ["--import", "tsx"] : [];

/** The environment of a process that computes with so many threads. */
export function threadsEnvironment(threads: number): Record<string, string> {
  return { OMP_NUM_THREADS: String(threads), TF_NUM_INTRAOP_THREADS: String(threads) };
}
