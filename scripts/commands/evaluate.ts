/** `evaluate`: a model's figures on labelled data. */
import type { RunParameters } from "../../lib/runs/parameters";
import { command } from "../cli/command";
import { type Given, UsageError, words } from "../cli/command-line";
import { OPTIONS } from "../cli/options";
import { withAbsolutePaths } from "../cli/paths";
import { MODEL_OPTIONS, namedModel } from "./model-options";

/** The parameters that choose and read data. */
const DATA = [
  ...["demo", "dataset", "config", "evalSplit", "textColumn", "textPairColumn", "labelColumn", "validationShare"],
  ...["swapLabels", "evalLimit", "batchSize", "seed"],
];

export const evaluate = command(
  {
    name: "evaluate",
    title: "loss and accuracy on labelled data; with --run alone on the run's own",
    options: [
      ...MODEL_OPTIONS,
      ...OPTIONS.filter(({ name }) => DATA.includes(name)).map((option) => ({ ...option, initial: "" })),
      {
        name: "format",
        kind: "text",
        initial: "text",
        choices: words(["text", "json"]),
        help: "what is written: a line for each figure, or one object",
      },
    ],
  },
  async ({ format, run, model, adapter, dtype, offline = false, ...data }) => {
    const named = namedModel({ run, model, adapter, dtype, offline } as Given);
    if (named.model !== undefined && data.dataset === undefined && !data.demo) {
      throw new UsageError("`--dataset`: expected with --model, got none. Name data, or --demo.");
    }
    // The figures alone go to standard output.
    console.log = console.error;
    const { evaluateModel } = require("./evaluate-model") as typeof import("./evaluate-model");
    const figures = await evaluateModel(named, withAbsolutePaths(data) as Partial<RunParameters>);
    const lines = Object.entries(figures).map(([name, value]) => `${name}\t${value}`);
    process.stdout.write(`${format === "json" ? JSON.stringify(figures) : lines.join("\n")}\n`);
    return 0;
  },
);
