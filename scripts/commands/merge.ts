/** `merge`: a model with its adapter inside its weights, as a Hugging Face folder. */
import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { command } from "../cli/command";
import { UsageError, words } from "../cli/command-line";
import { callerFolder } from "../cli/paths";
import { MODEL_OPTIONS, namedModel } from "./model-options";

export const merge = command(
  {
    name: "merge",
    title: "the model with its adapter inside, as a Hugging Face folder",
    options: [
      ...MODEL_OPTIONS.filter(({ name }) => name !== "dtype"),
      { name: "out", kind: "text", required: true, help: "the folder to write", placeholder: "DIR" },
      {
        name: "dtype",
        kind: "text",
        initial: "float32",
        choices: words(["float32", "float16"]),
        help: "number format of the file",
      },
    ],
  },
  async ({ out, dtype, ...given }) => {
    const named = namedModel(given);
    if (named.run === undefined && named.adapter === undefined) {
      throw new UsageError("`--adapter`: expected with --model, got none: there is nothing to merge.");
    }
    const folder = resolve(callerFolder(), String(out));
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new UsageError(`\`--out\`: expected a new or an empty folder, got ${folder} with files in it.`);
    }
    const { mergeInto } = require("./merge-into") as typeof import("./merge-into");
    await mergeInto(folder, named, dtype === "float16");
    return 0;
  },
);
