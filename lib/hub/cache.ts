/**
 * A repository in the Hugging Face cache, in the layout that Python's huggingface_hub reads and writes:
 * `models--org--name/{blobs,refs,snapshots,.no_exist}`; a snapshot's files are links to blobs.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { COMMIT, type Repository } from "./client";

/** The id of the model whose snapshot this folder is; undefined where it does not lie in a cache. */
export function hubIdOf(folder: string): string | undefined {
  const name = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(resolve(folder))?.[1];
  return name?.replaceAll("--", "/");
}

/** The cached part of a repository. */
export class CachedRepository {
  readonly #folder: string;

  constructor(cache: string, { kind, id }: Repository) {
    this.#folder = join(cache, `${kind}s--${id.replaceAll("/", "--")}`);
  }

  /** @returns the commit that a branch or tag stood for when the hub was last asked; a commit stands for itself */
  commitOf(revision: string): string | undefined {
    const reference = join(this.#folder, "refs", revision);
    if (statSync(reference, { throwIfNoEntry: false })?.isFile()) {
      const commit = readFileSync(reference, "utf8").trim();
      return /^\w+$/.test(commit) ? commit : undefined;
    }
    return COMMIT.test(revision) ? revision : undefined;
  }

  /** Notes what a branch or tag stands for. */
  remember(revision: string, commit: string): void {
    if (revision === commit || this.commitOf(revision) === commit) return;
    writeFileAtomic(join(this.#folder, "refs", revision), commit);
  }

  /** The folder with a commit's files. */
  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", commit);
  }

  /** True where the file is there with its content. */
  has(commit: string, file: string): boolean {
    return existsSync(join(this.snapshot(commit), file));
  }

  /** True where the commit is known to have no such file. */
  lacks(commit: string, file: string): boolean {
    return existsSync(join(this.#folder, ".no_exist", commit, file));
  }

  /** Notes that a commit has no such file. */
  noteAbsence(commit: string, file: string): void {
    const marker = join(this.#folder, ".no_exist", commit, file);
    mkdirSync(dirname(marker), { recursive: true });
    writeFileSync(marker, "");
  }

  /** Where content with this hash is kept. */
  blob(hash: string): string {
    return join(this.#folder, "blobs", hash);
  }

  /** Gives a blob its name in a commit: by a relative link, or by a copy where the disk knows no links. */
  link(commit: string, file: string, hash: string): void {
    const name = join(this.snapshot(commit), file);
    const beside = `${name}.${process.pid}.part`;
    mkdirSync(dirname(name), { recursive: true });
    rmSync(beside, { force: true });
    try {
      symlinkSync(relative(dirname(name), this.blob(hash)), beside);
    } catch {
      copyFileSync(this.blob(hash), beside);
    }
    renameSync(beside, name);
  }
}
