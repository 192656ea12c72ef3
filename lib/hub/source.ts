/** One repository: what of it is cached, and how the rest comes from the hub. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject, readJson } from "../files/json";
import { CachedRepository } from "./cache";
import { COMMIT, HubClient, type HubFile, type Repository } from "./client";
import { downloadBlob } from "./download";
import { HubError } from "./error";
import type { DownloadProgress } from "./progress";
import type { HubSettings } from "./settings";

/** Files that are wanted of a repository. */
export interface Wanted {
  /** Of each choice, the first alternative whose files the repository has. */
  choices: readonly (readonly (readonly string[])[])[];
  /** Files that the repository need not have. */
  optional: readonly string[];
  /** Files of which it must have one at least; offline, it must be known of each whether it has it. */
  family: readonly string[];
}

/** The index of weights in several files. */
export const INDEX = "model.safetensors.index.json";
/** Called as downloads go on. */
type Listener = ((progress: DownloadProgress) => void) | undefined;

/** A damaged file among those that the cache lacks. */
export function asDamaged(file: string): string {
  return `undamaged ${file}`;
}

/** One repository, in the cache and at the hub. */
export class Source {
  readonly #repository: Repository;
  readonly #cache: CachedRepository;
  readonly #client: HubClient;
  readonly #settings: HubSettings;
  readonly #onProgress: Listener;

  constructor(repository: Repository, settings: HubSettings, onProgress: Listener) {
    this.#repository = repository;
    this.#settings = settings;
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
    const members = [...wanted.choices.flat(2), ...wanted.optional, ...wanted.family, ...shards];
    const damaged = members.filter((file) => this.#cache.isDamaged(commit, file));
    const absent = [...missing, ...doubtful, ...shards];
    return { folder, missing: [...new Set(damaged.length > 0 ? damaged.map(asDamaged) : absent)] };
  }

  /** @returns the folder of a revision that was downloaded before, and what of it is damaged */
  snapshotOf(revision: string): { folder: string; damaged: string[] } | undefined {
    const commit = this.#cache.commitOf(revision);
    const folder = commit === undefined ? undefined : this.#cache.snapshot(commit);
    if (commit === undefined || folder === undefined || !existsSync(folder)) return undefined;
    return { folder, damaged: this.#cache.damagedIn(commit) };
  }

  /** Downloads the chosen files of a revision. @returns the snapshot's folder; undefined where none was chosen */
  async downloadChosen(
    revision: string,
    choose: (paths: string[]) => readonly string[],
    patience: { retry: boolean },
  ): Promise<string | undefined> {
    const commit = COMMIT.test(revision) ? revision : await this.#client.commitOf(revision, patience);
    const found = await this.#client.allFiles(commit, patience);
    const files = this.#chosen([...found.keys()], choose);
    if (files.length === 0) return undefined;
    await this.#fetchFiles(commit, files, found);
    this.#cache.remember(revision, commit);
    return this.#cache.snapshot(commit);
  }

  /** Brings the snapshot up to date. @returns its folder */
  async download(revision: string, wanted: Wanted, patience: { retry: boolean }): Promise<string> {
    const commit = COMMIT.test(revision) ? revision : await this.#client.commitOf(revision, patience);
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
      this.#cache.dropDamaged(file.hash);
      await downloadBlob({
        address: this.#client.addressOf(commit, name),
        file,
        name: `${this.#repository.id}/${name}`,
        blob: this.#cache.blob(file.hash),
        lock: this.#cache.lock(file.hash),
        ask: this.#client.ask,
        patience: this.#settings.patience,
        retryFor: this.#settings.retryFor,
        onBytes: (done) => this.#onProgress?.({ repository: this.#repository.id, file: name, done, total: file.size }),
      });
      this.#cache.noteSize(file.hash, file.size);
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
