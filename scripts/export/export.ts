/** `npm run export`: a finished run's model for ONNX Runtime and transformers.js. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { exportOnnx, type OnnxOptions } from "../../lib/onnx/export";
import { runPaths } from "../../lib/runs/run-folder";
import { helpLine, type Option, parse, words } from "../cli/command-line";
import { openFinishedRun } from "../cli/open-run";
import { callerFolder, shownPath } from "../cli/paths";
import { runCommand } from "../cli/run-command";

const DTYPES = ["fp32", "fp16", "q8"];
const OPTIONS: readonly Option[] = [
  { name: "run", kind: "text", required: true, help: "the folder of a finished run", placeholder: "DIR" },
  { name: "out", kind: "text", required: true, help: "the folder to write", placeholder: "DIR" },
  { name: "dtypes", kind: "list", initial: DTYPES, choices: words(DTYPES), help: "number formats, a file each" },
  {
    name: "lora",
    kind: "text",
    initial: "merged",
    choices: words(["merged", "inputs"]),
    help: "the adapter inside the weights, or apart as inputs of the model",
  },
  { name: "help", kind: "flag", help: "print this" },
];

const HELP = [
  "npm run export -- --run DIR --out DIR [options]     a finished run's model as ONNX, for transformers.js",
  "",
  ...OPTIONS.map(helpLine),
].join("\n");

/**
 * Exports the model of a run.
 *
 * @returns the exit code
 * @throws {UsageError} a mistake in what was typed
 * @throws {FileFormatError} the folder holds no finished run
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const { run: from, out, ...options } = parse(args, OPTIONS);
  const [runFolder, folder] = [from, out].map((typed) => resolve(callerFolder(), String(typed))) as [string, string];
  const { run } = await openFinishedRun(runFolder);
  // Exact, whatever the run's number format: bfloat16 would round most of a merged update away.
  const base = await AutoModelForSequenceClassification.fromPretrained(run.model, {
    ...run.modelOptions,
    dtype: "float32",
  });
  const model = await PeftModel.fromPretrained(base, runPaths(runFolder).adapter);
  const files = exportOnnx(model, await AutoTokenizer.fromPretrained(run.model), folder, options as OnnxOptions);
  for (const file of files) console.log(`  ${shownPath(file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  const taker = `pipeline("text-classification", ${JSON.stringify(shownPath(folder))}) of transformers.js takes it.`;
  console.log(options.lora === "inputs" ? "docs/onnx/apply-adapter.mjs gives it its adapter, or another." : taker);
  return 0;
}

if (require.main === module) runCommand(main);
