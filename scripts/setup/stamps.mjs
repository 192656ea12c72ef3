/** Stamps that say what a folder was made from, and hashes of sources. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./project.mjs";

/**
 * A stamp lies inside its folder and is written last, so a deleted or half-made folder has none and is made again.
 * @param {string} folder
 */
const stampOf = (folder) => join(folder, ".made-from.json");

/**
 * Whether a folder was made, completely, from these ingredients.
 * @param {string} folder
 * @param {Record<string, unknown>} ingredients
 */
export function isMadeFrom(folder, ingredients) {
  const file = stampOf(folder);
  return existsSync(file) && readFileSync(file, "utf8") === JSON.stringify(ingredients);
}

/**
 * @param {string} folder
 * @param {Record<string, unknown>} ingredients
 */
export function stamp(folder, ingredients) {
  mkdirSync(folder, { recursive: true });
  const file = stampOf(folder);
  writeFileSync(`${file}.new`, JSON.stringify(ingredients));
  renameSync(`${file}.new`, file);
}

/**
 * Removes the stamp, before a folder is made again in place.
 * @param {string} folder
 */
export const unstamp = (folder) => rmSync(stampOf(folder), { force: true });

/**
 * One hash over files and folders (names and bytes, in a fixed order).
 * @param {...string} sources absolute paths
 */
export function hashOf(...sources) {
  const hash = createHash("sha256");
  for (const file of sources.flatMap(filesUnder)) {
    const bytes = readFileSync(file);
    hash.update(`${relative(root, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {string} path a file or a folder
 * @returns {string[]} the files under it, in the order of their names
 */
export function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/**
 * Puts a finished folder in the place of the old one.
 * @param {string} made
 * @param {string} place
 */
export function swapIn(made, place) {
  const old = `${place}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(made, place);
  rmSync(old, { recursive: true, force: true });
}
