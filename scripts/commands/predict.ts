/** `predict`: judges texts from arguments, a file or standard input. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { command } from "../cli/command";
import { UsageError, words } from "../cli/command-line";
import { callerFolder } from "../cli/paths";
import { FORMATS, type Format } from "./answers";
import { MODEL_OPTIONS, namedModel } from "./model-options";

export const predict = command(
  {
    name: "predict",
    title: "judge texts: arguments, --file, or standard input, a text a line",
    words: "TEXT …",
    options: [
      ...MODEL_OPTIONS,
      { name: "file", kind: "text", help: "a file of texts, a text a line", placeholder: "FILE" },
      {
        name: "format",
        kind: "text",
        initial: "text",
        choices: words(FORMATS),
        help: "what is written, a line a text",
      },
    ],
    notes: [
      "Empty lines are left out. Answers alone go to standard output, all else to standard error. Behind -- a text may begin with -.",
    ],
  },
  async ({ file, format = "text", ...model }, texts) => {
    const named = namedModel(model);
    const input = inputOf(texts, file === undefined ? undefined : resolve(callerFolder(), String(file)));
    const { predictTexts } = require("./predict-texts") as typeof import("./predict-texts");
    await predictTexts(named, input, format as Format);
    return 0;
  },
);

/** Pieces of text, with a text a line. */
function inputOf(texts: readonly string[], file: string | undefined): AsyncIterable<string> | Iterable<string> {
  if (file === undefined && texts.length > 0) return texts.map((text) => `${text.replace(/\s*[\r\n]+\s*/g, " ")}\n`);
  if (texts.length > 0) throw new UsageError(`\`--file\`: expected alone, got it with ${texts.length} texts.`);
  if (file !== undefined) {
    if (!existsSync(file) || statSync(file).isDirectory())
      throw new UsageError(`\`--file\`: expected a file, got none at ${file}.`);
    return createReadStream(file, "utf8");
  }
  if (process.stdin.isTTY) {
    throw new UsageError("`texts`: expected as arguments, with --file or on standard input, got none.");
  }
  return process.stdin.setEncoding("utf8");
}
