/** Finds models and datasets of the Hugging Face hub in the cache that Python shares, or downloads them into it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { isObject, readJson } from "../files/json";
import { CachedRepository } from "./cache";
import { COMMIT, HubClient, type HubFile, type Repository } from "./client";
import { downloadBlob } from "./download";
import { HubError } from "./error";
import type { DownloadProgress } from "./progress";
import { type HubSettings, hubSettings } from "./settings";

/** How models and datasets are looked for at the hub. */
export interface HubOptions {
  /** Branch, tag or commit (default "main"). */
  revision?: string;
  /** True: the hub is never asked, only its cache (default: what HF_HUB_OFFLINE says). */
  offline?: boolean;
  /** Called as downloads go on (default: nobody is). */
  onProgress?: (progress: DownloadProgress) => void;
}

/** Files that are wanted of a repository. */
interface Wanted {
  /** Of each choice, the first alternative whose files the repository has. */
  choices: readonly (readonly (readonly string[])[])[];
  /** Files that the repository need not have. */
  optional: readonly string[];
  /** Files of which it must have one at least; offline, it must be known of each whether it has it. */
  family: readonly string[];
}

const INDEX = "model.safetensors.index.json";
const WEIGHTS = [["model.safetensors"], [INDEX], ["pytorch_model.bin"]];
const TOKENIZER = [["tokenizer.json"], ["vocab.json", "merges.txt"], ["vocab.txt"]];
const TOKENIZER_SETTINGS = ["tokenizer_config.json", "special_tokens_map.json"];

/** Reasons why a cached copy is used instead, as in Python. */
const CACHE_SERVES = ["unreachable", "repository", "access"];

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
  const cached = source.snapshotOf(revision);
  if (offline) {
    if (cached !== undefined || revision !== (options.revision ?? CONVERTED)) return cached;
    throw new HubError("offline", notCached(id, settings, `no files at ${revision}`));
  }
  try {
    return await source.downloadChosen(revision, choose);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    if (CACHE_SERVES.includes(error.reason) && cached !== undefined) return cached;
    // A dataset need not have been converted.
    if (error.reason === "revision" && options.revision === undefined) return undefined;
    throw error;
  }
}

async function resolve(kind: Repository["kind"], named: string, wanted: Wanted, options: HubOptions): Promise<string> {
  if (statSync(named, { throwIfNoEntry: false })?.isDirectory()) return named;
  const { revision = "main" } = options;
  const { source, settings, offline } = open(kind, named, options);
  const cached = source.cached(revision, wanted);
  if (offline) {
    if (cached.missing.length === 0) return cached.folder;
    throw new HubError("offline", notCached(named, settings, `no ${cached.missing.join(", no ")}`));
  }
  if (COMMIT.test(revision) && cached.missing.length === 0) return cached.folder;
  try {
    return await source.download(revision, wanted);
  } catch (error) {
    const serves = error instanceof HubError && CACHE_SERVES.includes(error.reason) && cached.missing.length === 0;
    if (serves) return cached.folder;
    throw error;
  }
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

/** One repository, in the cache and at the hub. */
class Source {
  readonly #repository: Repository;
  readonly #cache: CachedRepository;
  readonly #client: HubClient;
  readonly #onProgress: HubOptions["onProgress"];

  constructor(repository: Repository, settings: HubSettings, onProgress: HubOptions["onProgress"]) {
    this.#repository = repository;
    this.#onProgress = onProgress;
    this.#cache = new CachedRepository(settings.cache, repository);
    this.#client = new HubClient(repository, settings);
  }

  /** @returns the snapshot's folder, and what it lacks */
  cached(revision: string, wanted: Wanted): { folder: string; missing: string[] } {
    const commit = this.#cache.commitOf(revision);
    if (commit === undefined) return { folder: "", missing: [`revision ${revision}`] };
    const { files, missing } = pick(wanted, (file) => this.#cache.has(commit, file));
    const doubtful = wanted.family.filter((file) => !this.#cache.has(commit, file) && !this.#cache.lacks(commit, file));
    const folder = this.#cache.snapshot(commit);
    const shards = files.includes(INDEX) ? shardsOf(folder).filter((file) => !this.#cache.has(commit, file)) : [];
    return { folder, missing: [...new Set([...missing, ...doubtful, ...shards])] };
  }

  /** @returns the folder of a revision that was downloaded before */
  snapshotOf(revision: string): string | undefined {
    const commit = this.#cache.commitOf(revision);
    const folder = commit === undefined ? undefined : this.#cache.snapshot(commit);
    return folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
  }

  /** Downloads the chosen files of a revision. @returns the snapshot's folder; undefined where none was chosen */
  async downloadChosen(revision: string, choose: (paths: string[]) => readonly string[]): Promise<string | undefined> {
    const commit = COMMIT.test(revision) ? revision : await this.#client.commitOf(revision);
    const found = await this.#client.allFiles(commit);
    const files = this.#chosen([...found.keys()], choose);
    if (files.length === 0) return undefined;
    await this.#fetchFiles(commit, files, found);
    this.#cache.remember(revision, commit);
    return this.#cache.snapshot(commit);
  }

  /** Brings the snapshot up to date. @returns its folder */
  async download(revision: string, wanted: Wanted): Promise<string> {
    const commit = COMMIT.test(revision) ? revision : await this.#client.commitOf(revision);
    const has = (file: string): boolean => this.#cache.has(commit, file);
    const unknown = candidates(wanted, has).filter((file) => !has(file) && !this.#cache.lacks(commit, file));
    const found = unknown.length === 0 ? new Map<string, HubFile>() : await this.#client.filesAt(commit, unknown);
    for (const file of unknown) if (!found.has(file)) this.#cache.noteAbsence(commit, file);
    const { files, missing } = pick(wanted, (file) => has(file) || found.has(file));
    if (missing.length > 0) throw this.#lacking(missing);
    await this.#fetchFiles(commit, files, found);
    if (files.includes(INDEX)) await this.#fetchShards(commit);
    this.#cache.remember(revision, commit);
    return this.#cache.snapshot(commit);
  }

  #chosen(paths: string[], choose: (paths: string[]) => readonly string[]): readonly string[] {
    try {
      return choose(paths);
    } catch (error) {
      throw error instanceof RangeError ? new RangeError(`\`${this.#repository.id}\`: ${error.message}`) : error;
    }
  }

  async #fetchShards(commit: string): Promise<void> {
    const shards = shardsOf(this.#cache.snapshot(commit)).filter((file) => !this.#cache.has(commit, file));
    if (shards.length === 0) return;
    const found = await this.#client.filesAt(commit, shards);
    const missing = shards.filter((file) => !found.has(file));
    if (missing.length > 0) throw this.#lacking(missing);
    await this.#fetchFiles(commit, shards, found);
  }

  async #fetchFiles(commit: string, names: readonly string[], found: Map<string, HubFile>): Promise<void> {
    for (const name of names) {
      const file = found.get(name);
      if (file === undefined || this.#cache.has(commit, name)) continue;
      await downloadBlob({
        address: this.#client.addressOf(commit, name),
        file,
        name: `${this.#repository.id}/${name}`,
        blob: this.#cache.blob(file.hash),
        ask: this.#client.ask,
        onBytes: (done) => this.#onProgress?.({ repository: this.#repository.id, file: name, done, total: file.size }),
      });
      this.#cache.link(commit, name, file.hash);
    }
  }

  #lacking(missing: readonly string[]): HubError {
    const { id, kind } = this.#repository;
    return new HubError(
      "files",
      `\`${id}\`: expected a ${kind} of the kind that is read here, got no ${missing.join(", no ")}.`,
    );
  }
}

/** Chooses files. @returns them, and what no choice was found for */
function pick(
  { choices, optional, family }: Wanted,
  has: (file: string) => boolean,
): { files: string[]; missing: string[] } {
  const chosen = choices.map((alternatives) => alternatives.find((files) => files.every(has)));
  const missing = choices.filter((_, i) => chosen[i] === undefined).map((choice) => choice.flat().join(" or "));
  const members = family.filter(has);
  if (family.length > 0 && members.length === 0) missing.push(family.join(" or "));
  return { files: [...chosen.flatMap((files) => files ?? []), ...optional.filter(has), ...members], missing };
}

/** Files that a choice may fall on, given those that are there. */
function candidates({ choices, optional, family }: Wanted, has: (file: string) => boolean): string[] {
  const open = choices.flatMap((alternatives) => {
    const settled = alternatives.findIndex((files) => files.every(has));
    return (settled < 0 ? alternatives : alternatives.slice(0, settled + 1)).flat();
  });
  return [...open, ...optional, ...family];
}

/** The files that an index of shards names; what is not a plain name is left to the reader, who refuses it. */
function shardsOf(folder: string): string[] {
  const { weight_map: weightMap } = readJson(join(folder, INDEX));
  const names = new Set(isObject(weightMap) ? Object.values(weightMap) : []);
  return [...names].filter((name): name is string => typeof name === "string" && /^\w[\w.-]*$/.test(name));
}
