/** The program of a child process that runs a sweep's trials for its parent, one after another. */
import type { TrainerCallback } from "../../train/callbacks";
import { runTrial } from "../trial";
import { SweepWorkspace } from "../workspace";
import type { TrialTask } from "./engine";
import type { ChildMessage } from "./local";

/** Milliseconds between two messages of progress. */
const PACE = 200;

const stop = new AbortController();
let workspace: SweepWorkspace | undefined;

const send = (message: ChildMessage): void => void process.send?.(message);

let toldAt = 0;
const callback: TrainerCallback = {
  onStepEnd: ({ state }) => {
    if (Date.now() - toldAt < PACE) return;
    toldAt = Date.now();
    send({ kind: "progress", share: state.globalStep / Math.max(1, state.maxSteps) });
  },
};

async function run({ parameters, folder, overwrite, offline, baseline }: TrialTask): Promise<ChildMessage> {
  try {
    workspace ??= new SweepWorkspace({ offline });
    if (baseline) workspace.knowBaseline(await workspace.record(parameters), baseline.result, baseline.seconds);
    const { signal } = stop;
    const metrics = await runTrial(parameters, { folder, workspace, overwrite, callbacks: [callback], signal });
    return metrics ? { kind: "ended", metrics } : { kind: "stopped" };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", async (message: { kind: "task"; task: TrialTask } | { kind: "stop" }) => {
  if (message.kind === "stop") stop.abort();
  else send(await run(message.task));
});
// Without its parent nobody wants the results; a Ctrl-C of the terminal is the parent's to answer.
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => undefined);
