/** Exports the model of a finished run. */
import { statSync } from "node:fs";
import { exportOnnx, type OnnxOptions } from "../../lib/onnx/export";
import { shownPath } from "../cli/paths";
import { openModel } from "../commands/open-model";

/** @throws {FileFormatError} the folder holds no finished run */
export async function exportRun(runFolder: string, folder: string, options: OnnxOptions): Promise<void> {
  // Exact, whatever the run's number format: bfloat16 would round most of a merged update away.
  const { model, tokenizer } = await openModel({ run: runFolder, dtype: "float32", offline: false });
  const files = exportOnnx(model, tokenizer, folder, options);
  for (const file of files) console.log(`  ${shownPath(file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  const taker = `pipeline("text-classification", ${JSON.stringify(shownPath(folder))}) of transformers.js takes it.`;
  console.log(options.lora === "inputs" ? "docs/onnx/apply-adapter.mjs gives it its adapter, or another." : taker);
}
