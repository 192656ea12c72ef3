/**
 * Sweeps on the demo in a folder, from where an earlier sweep there was killed: `sweep-child.ts <folder> [trial]`.
 * Where a trial is named, it waits in the last step of that one to be killed.
 */
import { setTimeout as pause } from "node:timers/promises";
import { sweep } from "../../lib/sweep/sweep";
import { smallSweep } from "./sweep";

const [out = "", trial] = process.argv.slice(2);
let current = "";
void sweep({
  ...smallSweep(out),
  listener: {
    onTrialBegin: ({ name }) => {
      current = name;
    },
    trainer: {
      onStepEnd: async ({ state }) => {
        if (current === trial && state.globalStep === state.maxSteps) await pause(60_000);
      },
    },
  },
});
