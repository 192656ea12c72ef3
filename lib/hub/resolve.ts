/** Finds models and datasets of the Hugging Face hub in the cache that Python shares, or downloads them into it. */

import { existsSync, statSync } from "node:fs";
import { checkOptions, type OptionKinds } from "../process/options";
import { COMMIT, type Repository } from "./client";
import { inCache } from "./disk";
import { HubError } from "./error";
import type { DownloadProgress } from "./progress";
import { type HubSettings, hubSettings } from "./settings";
import { asDamaged, INDEX, Source, type Wanted } from "./source";

/** How models and datasets are looked for at the hub. */
export interface HubOptions {
  /** Branch, tag or commit (default "main"). */
  revision?: string;
  /** True: the hub is never asked, only its cache (default: what HF_HUB_OFFLINE says). */
  offline?: boolean;
  /** Called as downloads go on (default: nobody is). */
  onProgress?: (progress: DownloadProgress) => void;
}

/** Names and kinds of {@link HubOptions}. */
export const HUB_OPTIONS: OptionKinds<HubOptions> = {
  revision: "string",
  offline: "boolean",
  onProgress: "function",
};

const WEIGHTS = [["model.safetensors"], [INDEX], ["pytorch_model.bin"]];
const TOKENIZER = [["tokenizer.json"], ["vocab.json", "merges.txt"], ["vocab.txt"]];
const TOKENIZER_SETTINGS = ["tokenizer_config.json", "special_tokens_map.json"];

/** Reasons why a cached copy is used instead, as in Python. */
const CACHE_SERVES = ["unreachable", "repository", "access", "cache"];

/**
 * Finds a model's folder.
 *
 * @param idOrFolder a folder, or the id of a model of the hub
 * @param options.parts what is wanted of it beside config.json (default: all)
 * @returns the folder: as given, or the snapshot in the cache
 * @throws {HubError} it is neither cached nor to be had
 */
export function resolveModel(
  idOrFolder: string,
  options: HubOptions & { parts?: readonly ("weights" | "tokenizer")[] } = {},
): Promise<string> {
  checkOptions("resolveModel", options, { ...HUB_OPTIONS, parts: "list" });
  const { parts = ["weights", "tokenizer"] } = options;
  const choices = [[["config.json"]], ...parts.map((part) => (part === "weights" ? WEIGHTS : TOKENIZER))];
  const optional = parts.includes("tokenizer") ? TOKENIZER_SETTINGS : [];
  return resolve("model", idOrFolder, { choices, optional, family: [] }, options);
}

/**
 * Finds the folder of a dataset.
 *
 * @param idOrFolder a folder, or the id of a dataset of the hub
 * @param files those of the repository that are wanted: as many as it has, one at least
 * @returns the folder: as given, or the snapshot in the cache
 * @throws {HubError} it is neither cached nor to be had
 */
export function resolveDatasetFiles(
  idOrFolder: string,
  files: readonly string[],
  options: HubOptions,
): Promise<string> {
  return resolve("dataset", idOrFolder, { choices: [], optional: [], family: files }, options);
}

/** Branch in which the hub keeps every dataset as Parquet files. */
const CONVERTED = "refs/convert/parquet";

/**
 * Finds a dataset of the hub by a choice among all of its files: at the revision, or, where none is given and `main` has
 * no file to choose, among the Parquet files into which the hub converts datasets.
 *
 * @param choose the files that are wanted; none where a list has nothing that could be read
 * @returns the folder of the snapshot in the cache
 * @throws {HubError} it is neither cached nor to be had, or has nothing that can be read
 */
export async function resolveChosenFiles(
  id: string,
  choose: (paths: string[]) => readonly string[],
  options: HubOptions = {},
): Promise<string> {
  for (const revision of options.revision === undefined ? ["main", CONVERTED] : [options.revision]) {
    const folder = await chosenAt(id, revision, choose, options);
    if (folder !== undefined) return folder;
  }
  throw new HubError("files", `\`${id}\`: expected a dataset with files that can be read, got none of them.`);
}

async function chosenAt(
  id: string,
  revision: string,
  choose: (paths: string[]) => readonly string[],
  options: HubOptions,
): Promise<string | undefined> {
  const { source, settings, offline } = open("dataset", id, { ...options, revision });
  const found = source.snapshotOf(revision);
  const cached = found?.damaged.length === 0 ? found.folder : undefined;
  if (offline) {
    if (found === undefined && revision === "main" && options.revision === undefined) return undefined;
    if (cached !== undefined) return cached;
    const lacks = found === undefined ? `files at ${revision}` : found.damaged.map(asDamaged).join(", no ");
    throw new HubError("offline", notCached(id, settings, `no ${lacks}`));
  }
  try {
    const retry = cached === undefined;
    return await inCache(settings.cache, id, () => source.downloadChosen(revision, choose, { retry }));
  } catch (error) {
    if (cached !== undefined && serves(error, cached)) return cached;
    if (!(error instanceof HubError)) throw error;
    // A dataset need not have been converted.
    if (error.reason === "revision" && options.revision === undefined) return undefined;
    throw error;
  }
}

async function resolve(kind: Repository["kind"], named: string, wanted: Wanted, options: HubOptions): Promise<string> {
  if (existsSync(named) && statSync(named).isDirectory()) return named;
  const { revision = "main" } = options;
  const { source, settings, offline } = open(kind, named, options);
  const cached = source.cached(revision, wanted);
  if (offline) {
    if (cached.missing.length === 0) return cached.folder;
    throw new HubError("offline", notCached(named, settings, `no ${cached.missing.join(", no ")}`));
  }
  if (COMMIT.test(revision) && cached.missing.length === 0) return cached.folder;
  const retry = cached.missing.length > 0;
  try {
    return await inCache(settings.cache, named, () => source.download(revision, wanted, { retry }));
  } catch (error) {
    if (!retry && serves(error, cached.folder)) return cached.folder;
    throw error;
  }
}

const warned = new Set<string>();

/** Whether a cached copy is used in spite of an error; says so once. */
function serves(error: unknown, folder: string): boolean {
  if (!(error instanceof HubError) || !CACHE_SERVES.includes(error.reason)) return false;
  const line = `${error.message} The cached copy is used: ${folder}`;
  if (!warned.has(line)) console.warn(line);
  warned.add(line);
  return true;
}

function notCached(id: string, { cache }: HubSettings, got: string): string {
  return `\`${id}\`: expected it in the Hugging Face cache ${cache} (offline), got ${got}. Run once with the network, or name a folder that holds the files.`;
}

/** Checks an id and a revision. @returns the repository that they name, and whether the hub must not be asked */
function open(
  kind: Repository["kind"],
  named: string,
  options: HubOptions,
): { source: Source; settings: HubSettings; offline: boolean } {
  const { revision = "main", onProgress } = options;
  if (!/^(\w[\w.-]*\/)?\w[\w.-]*$/.test(named) || /--|\.\./.test(named)) {
    const kinds = "a folder or an id of the Hugging Face hub such as org/name";
    throw new Error(`\`${kind}\`: expected ${kinds}, got ${named}, which is neither.`);
  }
  if (!/^\w[\w.-]*(\/[\w.-]+)*$/.test(revision) || revision.includes("..")) {
    throw new RangeError(`\`revision\`: expected a branch, a tag or a commit, got ${revision}.`);
  }
  const settings = hubSettings();
  const source = new Source({ kind, id: named }, settings, onProgress);
  return { source, settings, offline: options.offline ?? settings.offline };
}
