/** The identity of a sweep's trial, by which an earlier result is recognized. */
import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { isEthicsFolder } from "../ethics/dataset";
import { DEFAULT_DATASET, DEFAULT_MODEL, type Sources } from "../ethics/sources";
import { ethicsTask } from "../ethics/task";
import { projectVersion } from "../runs/metrics";
import type { TrialParameters } from "./parameters";

/** Exact versions of what a trial is made from. */
export interface TrialVersions {
  /** "id@commit" of the hub, or a hash of the folder's files. */
  model: string;
  /** The same of the data. */
  dataset: string;
  /** Version of this library. */
  library: string;
}

/** Content of a trial's trial.json. */
export interface TrialRecord extends TrialParameters {
  /** Hash of the parameters and versions, in hexadecimal. */
  id: string;
  versions: TrialVersions;
}

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

/** The record of a trial: its id does not depend on where the model and the data lie, only on what they contain. */
export function trialRecord(identity: TrialParameters, versions: TrialVersions): TrialRecord {
  const { model: _, dataset: __, ...parameters } = identity;
  const entries = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  const id = createHash("sha256")
    .update(JSON.stringify([entries, versions]))
    .digest("hex")
    .slice(0, 16);
  return { id, ...identity, versions };
}

/** The exact versions of the sources; reads local files whole. */
export async function sourceVersions(parameters: TrialParameters, sources: Sources): Promise<TrialVersions> {
  const versionOf = async (kind: "model" | "dataset", original: string): Promise<string> => {
    const [folder, named] = [sources[kind], parameters[kind] || original];
    return sources.demo[kind] || folder === named ? contentHash(folder) : originOf(folder, named);
  };
  return {
    model: await versionOf("model", DEFAULT_MODEL),
    dataset: await versionOf("dataset", DEFAULT_DATASET),
    library: projectVersion(),
  };
}

/** A snapshot's folder in the Hugging Face cache is named after its commit. */
function originOf(folder: string, named: string): string {
  return folder === named ? path.resolve(folder) : `${named}@${path.basename(folder)}`;
}

/**
 * A hash of a file, or of all files in a folder by their names in it; those with a dot in front are left out.
 *
 * @returns "sha256:" and 32 hexadecimal digits
 */
export async function contentHash(place: string): Promise<string> {
  const hash = createHash("sha256");
  const isFolder = statSync(place).isDirectory();
  const names = isFolder ? readdirSync(place, { recursive: true, encoding: "utf8" }) : [""];
  for (const name of names.sort()) {
    const file = path.join(place, name);
    if (name.split(path.sep).some((part) => part.startsWith(".")) || !statSync(file).isFile()) continue;
    hash.update(`${name.split(path.sep).join("/")}\0${statSync(file).size}\0`);
    await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), async (chunks) => {
      for await (const chunk of chunks) hash.update(chunk as Buffer);
    });
  }
  return `sha256:${hash.digest("hex").slice(0, 32)}`;
}
