/**
 * A repository in the Hugging Face cache, in the layout that Python's huggingface_hub reads and writes:
 * `models--org--name/{blobs,refs,snapshots,.no_exist}`; a snapshot's files are links to blobs.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { COMMIT, type Repository } from "./client";

/** The id of the model whose snapshot a folder is; none where it lies in no cache. */
export function hubIdOf(folder: string): string | undefined {
  const name = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(path.resolve(folder))?.[1];
  return name?.replaceAll("--", "/");
}

/** The cached part of a repository. */
export class CachedRepository {
  private readonly folder: string;

  constructor(cache: string, { kind, id }: Repository) {
    this.folder = path.join(cache, `${kind}s--${id.replaceAll("/", "--")}`);
  }

  /** @returns the commit that a branch or tag stood for when it was asked last; a commit stands for itself */
  commitOf(revision: string): string | undefined {
    const reference = path.join(this.folder, "refs", revision);
    if (fs.statSync(reference, { throwIfNoEntry: false })?.isFile()) {
      const commit = fs.readFileSync(reference, "utf8").trim();
      return /^\w+$/.test(commit) ? commit : undefined;
    }
    return COMMIT.test(revision) ? revision : undefined;
  }

  /** Notes what a branch or tag stands for. */
  remember(revision: string, commit: string): void {
    if (revision === commit || this.commitOf(revision) === commit) return;
    writeFileAtomic(path.join(this.folder, "refs", revision), commit);
  }

  /** The folder with a commit's files. */
  snapshot(commit: string): string {
    return path.join(this.folder, "snapshots", commit);
  }

  /** True where the file is there with its content. */
  has(commit: string, file: string): boolean {
    return fs.existsSync(path.join(this.snapshot(commit), file));
  }

  /** True where the commit is known to have no such file. */
  lacks(commit: string, file: string): boolean {
    return fs.existsSync(path.join(this.folder, ".no_exist", commit, file));
  }

  /** Notes that a commit has no such file. */
  noteAbsence(commit: string, file: string): void {
    const marker = path.join(this.folder, ".no_exist", commit, file);
    fs.mkdirSync(path.dirname(marker), { recursive: true });
    fs.writeFileSync(marker, "");
  }

  /** Where content with this hash is kept. */
  blob(hash: string): string {
    return path.join(this.folder, "blobs", hash);
  }

  /** Gives a blob its name in a commit: by a relative link, or by a copy where the disk knows no links. */
  link(commit: string, file: string, hash: string): void {
    const name = path.join(this.snapshot(commit), file);
    const beside = `${name}.${process.pid}.part`;
    fs.mkdirSync(path.dirname(name), { recursive: true });
    fs.rmSync(beside, { force: true });
    try {
      fs.symlinkSync(path.relative(path.dirname(name), this.blob(hash)), beside);
    } catch {
      fs.copyFileSync(this.blob(hash), beside);
    }
    fs.renameSync(beside, name);
  }
}
