/** `train`: the run of the notebook without a notebook. */
import { join, resolve } from "node:path";
import { beginRunLog, type RunParameters } from "../../lib/runs/parameters";
import { checkBeforehand } from "../cli/check-data";
import { command, typedAs } from "../cli/command";
import { type Given, UsageError } from "../cli/command-line";
import { COMMAND_OPTIONS, OPTIONS } from "../cli/options";
import { callerFolder, newRunName, shownPath, withAbsolutePaths } from "../cli/paths";
import { prepareRun, releaseRun } from "../notebook/folder";

export const train = command(
  {
    name: "train",
    title: "train an adapter, and write a run's folder: metrics.json, log, checkpoints, adapter",
    options: [
      ...OPTIONS.map((option) => (option.name === "out" ? { ...option, initial: "" } : option)),
      ...COMMAND_OPTIONS.filter(({ name }) => name !== "help"),
    ],
  },
  async (typed) => {
    if (typed.resume && typed.out === undefined) {
      throw new UsageError("`--resume`: expected together with --out, got no folder.");
    }
    const out = typed.out === undefined ? join(callerFolder(), "runs", newRunName()) : String(typed.out);
    const given: Given & { out: string } = { ...withAbsolutePaths(typed), out: resolve(callerFolder(), out) };
    if (!given.resume) await checkBeforehand(given as Partial<RunParameters>);
    const parameters = { ...prepareRun(given.out, given), out: given.out } as unknown as RunParameters;
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
