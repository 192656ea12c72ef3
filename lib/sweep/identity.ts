/** The identity of a sweep's trial, by which an earlier result is recognized. */
import * as path from "node:path";
import { isEthicsFolder } from "../ethics/dataset";
import { DEFAULT_DATASET, DEFAULT_MODEL, type Sources } from "../ethics/sources";
import { ethicsTask } from "../ethics/task";
import type { TrialParameters } from "./parameters";

/**
 * Resolves the parameters that depend on what was found, so that trials of the demo differ from those of the original.
 *
 * @returns for model and dataset the folder, "id@commit" of the hub, or the demo's place in the project; for trainHead
 *   whether the head is really trained
 * @throws {RangeError} the part of ETHICS does not exist, or has groups and the evaluation split does not
 */
export function trialIdentity(parameters: TrialParameters, sources: Sources): TrialParameters {
  const { model, dataset, config, evalSplit, trainHead, newHead } = parameters;
  const isOwn = !isEthicsFolder(sources.dataset);
  return {
    ...parameters,
    model: sources.demo.model ? "data/demo/model" : originOf(sources.model, model || DEFAULT_MODEL),
    dataset: sources.demo.dataset ? "data/demo/ethics" : originOf(sources.dataset, dataset || DEFAULT_DATASET),
    trainHead: trainHead || newHead || isOwn || ethicsTask(config, evalSplit).trainsHead,
  };
}

/** A snapshot's folder in the Hugging Face cache is named after its commit. */
function originOf(folder: string, named: string): string {
  return folder === named ? path.resolve(folder) : `${named}@${path.basename(folder)}`;
}
