/**
 * Sweeps on the demo in a folder and says each trial and step: `sweep-child.ts <folder> [trial step]`. It is killed when a step
 * of a trial ends, where one is named.
 */
import { sweep } from "../../lib/sweep/sweep";
import { smallSweep } from "./sweep";

const [out = "", trial, step] = process.argv.slice(2);
let current = "";
const say = (line: string): void => void process.stdout.write(`${line}\n`);

void sweep({
  ...smallSweep(out),
  listener: {
    onTrialBegin: ({ name }) => {
      current = name;
      say(`trial ${name}`);
    },
    trainer: {
      onTrainBegin: ({ state }) => say(`from ${state.globalStep}`),
      onStepEnd: ({ state }) => {
        say(`step ${state.globalStep}`);
        if (current === trial && state.globalStep === Number(step)) process.kill(process.pid, "SIGKILL");
      },
    },
  },
}).then((result) => say(`done ${result.trials.length}`));
