/** Made-up trials for the engine on Ray, and the failures that are done to them. */
import { join } from "node:path";
import type { EngineRun, PlannedTrial } from "../../lib/sweep/engines/engine";
import { trialRecord } from "../../lib/sweep/identity";
import { trialPoints } from "../../lib/sweep/parameters";
import type { SweepWorkspace } from "../../lib/sweep/workspace";
import type { Fault } from "./ray-stub";

/** Every kind of failure. */
export const FAULTS: Fault[] = [
  ...(["lostAnswer", "serverError", "supervisorDied", "startTimeout", "environment"] as const),
  ...(["forgotten", "trialError", "noResult", "slow"] as const),
];

/** How often each trial ended, by its name. */
type Ends = Map<string, string[]>;

/** A sweep of so many trials, and how each of them ended. */
export function runOf(
  count: number,
  out: string,
  signal = new AbortController().signal,
): { run: EngineRun; ends: Ends } {
  const ranks = Array.from({ length: count }, (_, i) => i + 1);
  const trials = trialPoints({ grid: { rank: ranks } }).map((point, index): PlannedTrial => {
    const record = trialRecord(point.parameters, { model: "m", dataset: "d", library: "1" });
    return { ...point, index, record, folder: join(out, point.name) };
  });
  const ends: Ends = new Map();
  const end = ({ name }: PlannedTrial, how: string): void => void ends.set(name, [...(ends.get(name) ?? []), how]);
  const nothing = (): void => undefined;
  const workspace = { knownBaseline: nothing } as unknown as SweepWorkspace;
  const events = { began: nothing, progress: nothing, note: nothing };
  const given = { trials, out, overwrite: false, offline: true, signal, workspace, callbacks: [], ...events };
  const ended = (trial: PlannedTrial, { rank }: { rank: number }): void =>
    end(trial, rank === trial.parameters.rank ? "ended" : "another's result");
  return { ends, run: { ...given, ended, failed: (trial, reason) => end(trial, reason) } };
}
