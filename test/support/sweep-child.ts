/** Sweeps on the demo in a folder and says each trial and step: `sweep-child.ts <folder>`. */
import { sweep } from "../../lib/train/sweep";
import { smallSweep } from "./sweep";

const [out = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

void sweep({
  ...smallSweep(out),
  listener: {
    onTrialBegin: ({ name }) => say(`trial ${name}`),
    trainer: {
      onTrainBegin: ({ state }) => say(`from ${state.globalStep}`),
      onStepEnd: ({ state }) => say(`step ${state.globalStep}`),
    },
  },
}).then((result) => say(`done ${result.trials.length}`));
