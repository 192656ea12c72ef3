/** Loads the model that the options of a command name. */
import { AutoTokenizer, type Tokenizer } from "../../lib/data/tokenizer/tokenizer";
import { printDownloads } from "../../lib/hub/progress";
import { resolveModel } from "../../lib/hub/resolve";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { runPaths } from "../../lib/runs/run-folder";
import { openFinishedRun } from "../cli/open-run";
import type { NamedModel } from "./model-options";

/** A model with its tokenizer. */
export interface OpenedModel {
  model: SequenceClassifier | PeftModel;
  tokenizer: Tokenizer;
}

/** @throws the run is not finished, or a file is missing or broken */
export async function openModel(named: NamedModel): Promise<OpenedModel> {
  const { dtype, offline } = named;
  if (named.run === undefined) {
    const folder = await resolveModel(String(named.model), {
      offline,
      parts: ["weights"],
      onProgress: printDownloads(),
    });
    return withAdapter(folder, { dtype }, named.adapter);
  }
  const { run } = await openFinishedRun(named.run, offline ? { offline } : {});
  const options = { ...run.modelOptions, dtype: dtype ?? run.modelOptions.dtype };
  return withAdapter(run.model, options, runPaths(named.run).adapter);
}

async function withAdapter(
  folder: string,
  options: Parameters<typeof AutoModelForSequenceClassification.fromPretrained>[1],
  adapter: string | undefined,
): Promise<OpenedModel> {
  const tokenizer = await AutoTokenizer.fromPretrained(folder);
  const base = await AutoModelForSequenceClassification.fromPretrained(folder, options);
  return { model: adapter === undefined ? base : await PeftModel.fromPretrained(base, adapter), tokenizer };
}
