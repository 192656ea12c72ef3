/** Writes a model with its adapter merged. */
import { PeftModel } from "../../lib/lora/peft-model";
import { shownPath } from "../cli/paths";
import type { NamedModel } from "./model-options";
import { openModel } from "./open-model";

/** @param half whether the weights are written in float16 */
export async function mergeInto(folder: string, named: NamedModel, half: boolean): Promise<void> {
  // Exact, whatever the run's number format: bfloat16 would round most of an update away.
  const { model, tokenizer } = await openModel({ ...named, dtype: "float32" });
  const merged = model instanceof PeftModel ? model.mergeAndUnload() : model;
  merged.savePretrained(folder, { half });
  tokenizer.savePretrained(folder);
  console.log(shownPath(folder));
}
