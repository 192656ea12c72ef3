/**
 * A repository in the Hugging Face cache, in the layout that Python's huggingface_hub reads and writes:
 * `models--org--name/{blobs,refs,snapshots,.no_exist}`; a snapshot's files are links to blobs.
 */
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { COMMIT, type Repository } from "./client";
import { noteIfPossible } from "./disk";
import { BLOB_NAME, hashOf } from "./hash";

/** The id of the model whose snapshot this folder is; undefined where it does not lie in a cache. */
export function hubIdOf(folder: string): string | undefined {
  const name = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(resolve(folder))?.[1];
  return name?.replaceAll("--", "/");
}

/** Files that this process has checked, by path, size and time of the last change. */
const checked = new Map<string, boolean>();

/** The cached part of a repository. */
export class CachedRepository {
  readonly #folder: string;
  readonly #locks: string;

  constructor(cache: string, { kind, id }: Repository) {
    const name = `${kind}s--${id.replaceAll("/", "--")}`;
    this.#folder = join(cache, name);
    this.#locks = join(cache, ".locks", name);
  }

  /** @returns the commit that a branch or tag stood for when the hub was last asked; a commit stands for itself */
  commitOf(revision: string): string | undefined {
    const reference = join(this.#folder, "refs", revision);
    if (existsSync(reference) && statSync(reference).isFile()) {
      const commit = readFileSync(reference, "utf8").trim();
      return /^\w+$/.test(commit) ? commit : undefined;
    }
    return COMMIT.test(revision) ? revision : undefined;
  }

  /** Notes what a branch or tag stands for. */
  remember(revision: string, commit: string): void {
    if (revision === commit || this.commitOf(revision) === commit) return;
    noteIfPossible(() => writeFileAtomic(join(this.#folder, "refs", revision), commit));
  }

  /** The folder with a commit's files. */
  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", commit);
  }

  /** True where the file is there with its whole content. */
  has(commit: string, file: string): boolean {
    return this.#state(commit, file) === "whole";
  }

  /** True where the file is there with other content than its hash says, as a full disk or a copy cut short leaves it. */
  isDamaged(commit: string, file: string): boolean {
    return this.#state(commit, file) === "damaged";
  }

  /** Files of a commit that are damaged. */
  damagedIn(commit: string): string[] {
    if (!existsSync(this.snapshot(commit))) return [];
    const files = readdirSync(this.snapshot(commit), { recursive: true, encoding: "utf8" });
    return files.filter((file) => this.isDamaged(commit, file));
  }

  /** Removes a blob that is not what its name says. */
  dropDamaged(hash: string): void {
    const blob = this.blob(hash);
    if (existsSync(blob) && !this.#isWhole(blob)) rmSync(blob, { recursive: true });
  }

  #state(commit: string, file: string): "absent" | "damaged" | "whole" {
    const path = join(this.snapshot(commit), file);
    if (!existsSync(path)) return "absent";
    return this.#isWhole(realpathSync(path)) ? "whole" : "damaged";
  }

  /**
   * Compares a blob with its name, which is its hash: small ones in each process, large ones once, and later their size
   * with the one that was noted then. What is no blob, such as a copy on a disk without links, cannot be checked.
   */
  #isWhole(blob: string): boolean {
    const hash = basename(blob);
    if (!BLOB_NAME.test(hash) || basename(dirname(blob)) !== "blobs") return true;
    const stats = statSync(blob);
    if (!stats.isFile()) return false;
    const key = `${blob} ${stats.size} ${stats.mtimeMs}`;
    const whole = checked.get(key) ?? this.#compare(blob, hash, stats.size);
    checked.set(key, whole);
    return whole;
  }

  #compare(blob: string, hash: string, size: number): boolean {
    const note = this.#sizeNote(hash);
    if (existsSync(note)) return readFileSync(note, "utf8") === String(size);
    const whole = hashOf(blob, hash) === hash;
    if (whole) this.noteSize(hash, size);
    return whole;
  }

  /** Notes the size of a large file's blob whose hash was checked. */
  noteSize(hash: string, size: number): void {
    if (hash.length !== 64) return;
    noteIfPossible(() => writeFileAtomic(this.#sizeNote(hash), String(size)));
  }

  #sizeNote(hash: string): string {
    return join(this.#folder, ".sizes", hash);
  }

  /** True where the commit is known to have no such file. */
  lacks(commit: string, file: string): boolean {
    return existsSync(join(this.#folder, ".no_exist", commit, file));
  }

  /** Notes that a commit has no such file. */
  noteAbsence(commit: string, file: string): void {
    const marker = join(this.#folder, ".no_exist", commit, file);
    noteIfPossible(() => {
      mkdirSync(dirname(marker), { recursive: true });
      writeFileSync(marker, "");
    });
  }

  /** Where content with this hash is kept. */
  blob(hash: string): string {
    return join(this.#folder, "blobs", hash);
  }

  /** The lock for the download of a blob. Python's own, `<hash>.lock`, is of a kind that Node does not know. */
  lock(hash: string): string {
    return join(this.#locks, `${hash}.node.lock`);
  }

  /** Gives a blob its name in a commit: by a relative link, or by a copy where the disk knows no links. */
  link(commit: string, file: string, hash: string): void {
    const name = join(this.snapshot(commit), file);
    const beside = `${name}.${randomBytes(4).toString("hex")}.part`;
    mkdirSync(dirname(name), { recursive: true });
    try {
      symlinkSync(relative(dirname(name), this.blob(hash)), beside);
    } catch {
      copyFileSync(this.blob(hash), beside);
    }
    renameSync(beside, name);
  }
}
