/** A folder's files with their SHA-256, so that a flipped bit or a cut file is found before anybody goes on from it. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { writeFileAtomic } from "./atomic";
import { digestFile } from "./bytes";
import { FileFormatError } from "./errors";
import { isObject, readJson } from "./json";

const NAME = "manifest.json";

/** Writes the manifest of the files that are in a folder. */
export function writeManifest(folder: string): void {
  const names = readdirSync(folder).filter((name) => name !== NAME);
  const sha256 = Object.fromEntries(
    names.sort().map((name) => [name, digestFile(join(folder, name), createHash("sha256"))]),
  );
  writeFileAtomic(join(folder, NAME), `${JSON.stringify({ sha256 }, null, 2)}\n`);
}

/**
 * Checks the files of a folder; one without a manifest is of an earlier version, and is not checked.
 *
 * @throws {FileFormatError} a file is missing or is not as it was written, or the manifest names what is not in the folder
 */
export function checkManifest(folder: string): void {
  const manifest = join(folder, NAME);
  if (!existsSync(manifest)) return;
  const { sha256 } = readJson(manifest);
  if (!isObject(sha256)) throw new FileFormatError(manifest, "`sha256`: expected each file's, got none.");
  for (const [name, expected] of Object.entries(sha256)) {
    const file = join(folder, name);
    if (basename(name) !== name) {
      throw new FileFormatError(
        manifest,
        `expected names of files beside it, got ${JSON.stringify(name.slice(0, 100))}.`,
      );
    }
    // A device or a pipe might never end.
    const found = existsSync(file) && statSync(file).isFile() ? digestFile(file, createHash("sha256")) : "no file";
    if (found !== expected)
      throw new FileFormatError(file, `expected SHA-256 ${expected}, got ${found}: it is damaged.`);
  }
}
