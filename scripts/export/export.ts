/** Exports the model of a finished run. */
import { statSync } from "node:fs";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { exportOnnx, type OnnxOptions } from "../../lib/onnx/export";
import { runPaths } from "../../lib/runs/run-folder";
import { openFinishedRun } from "../cli/open-run";
import { shownPath } from "../cli/paths";

/** @throws {FileFormatError} the folder holds no finished run */
export async function exportRun(runFolder: string, folder: string, options: OnnxOptions): Promise<void> {
  const { run } = await openFinishedRun(runFolder);
  // Exact, whatever the run's number format: bfloat16 would round most of a merged update away.
  const base = await AutoModelForSequenceClassification.fromPretrained(run.model, {
    ...run.modelOptions,
    dtype: "float32",
  });
  const model = await PeftModel.fromPretrained(base, runPaths(runFolder).adapter);
  const files = exportOnnx(model, await AutoTokenizer.fromPretrained(run.model), folder, options);
  for (const file of files) console.log(`  ${shownPath(file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  const taker = `pipeline("text-classification", ${JSON.stringify(shownPath(folder))}) of transformers.js takes it.`;
  console.log(options.lora === "inputs" ? "docs/onnx/apply-adapter.mjs gives it its adapter, or another." : taker);
}
