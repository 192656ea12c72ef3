/** What makes a trial of a sweep the one that it is. */
import * as path from "node:path";
import { DEFAULT_DATASET, DEFAULT_MODEL, type Sources } from "../files/sources";
import type { TrialParameters } from "./sweep-parameters";

/**
 * The parameters with the model and data that they came to stand for: a trial of the demo is none of the original's.
 *
 * @returns for model and dataset the folder, "id@commit" of the hub, or the demo's place in the project
 */
export function trialIdentity(parameters: TrialParameters, sources: Sources): TrialParameters {
  const { model, dataset } = parameters;
  return {
    ...parameters,
    model: sources.demo.model ? "data/demo/model" : originOf(sources.model, model || DEFAULT_MODEL),
    dataset: sources.demo.dataset ? "data/demo/ethics" : originOf(sources.dataset, dataset || DEFAULT_DATASET),
  };
}

/** A snapshot's folder in the Hugging Face cache has the name of its commit. */
function originOf(folder: string, named: string): string {
  return folder === named ? path.resolve(folder) : `${named}@${path.basename(folder)}`;
}
