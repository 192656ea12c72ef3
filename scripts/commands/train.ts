/** `train`: the run of the notebook without a notebook. */
import { beginRunLog, type RunParameters } from "../../lib/runs/parameters";
import { checkBeforehand } from "../cli/check-data";
import { command, typedAs } from "../cli/command";
import { COMMAND_OPTIONS, OPTIONS } from "../cli/options";
import { callerFolder, shownPath } from "../cli/paths";
import { prepareRun, releaseRun, shareGpus, withFolders } from "../notebook/folder";

export const train = command(
  {
    name: "train",
    title: "train an adapter, and write a run's folder: metrics.json, log, checkpoints, adapter",
    options: [
      ...OPTIONS.map((option) => (option.name === "out" ? { ...option, initial: "" } : option)),
      ...COMMAND_OPTIONS.filter(({ name }) => name === "overwrite"),
    ],
  },
  async (typed) => {
    const given = withFolders(typed, callerFolder());
    if (!given.resume) await checkBeforehand(given as Partial<RunParameters>);
    const parameters = { ...prepareRun(given.out, given), out: given.out } as unknown as RunParameters;
    shareGpus(parameters);
    try {
      if (!given.resume) beginRunLog(given.out, parameters);
      const { trainRun } = require("./train-run") as typeof import("./train-run");
      if (await trainRun(parameters)) return 0;
      console.error(`Stopped. Go on with: ${typedAs("train")} --resume --out ${shownPath(given.out)}`);
      return 130;
    } finally {
      releaseRun(given.out);
    }
  },
);
