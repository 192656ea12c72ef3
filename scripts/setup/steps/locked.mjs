/** Python packages whose files are known by their SHA-256: pip refuses all others. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject, paths } from "../project.mjs";

/** Wheels of which only the libraries are used: TensorFlow's, CUDA's and the compiler's. */
const wheels = inProject("scripts", "setup", "steps", "wheels.txt");

/**
 * Arguments of pip for the packages of a file, each of which has its version and the SHA-256 of its wheels.
 * @param {string} file
 */
export const locked = (file) => ["--require-hashes", "--no-deps", "--only-binary=:all:", "--requirement", file];

/**
 * The entries of a file of pip's requirements, with their hashes, by "name==version".
 * @param {string} [file]
 * @returns {Map<string, string>}
 */
export function entries(file = wheels) {
  const all = readFileSync(file, "utf8").split(/\n(?=[\w])/);
  return new Map(all.slice(1).map((entry) => [entry.split(/\s/, 1)[0] ?? "", entry]));
}

/**
 * The locked wheels whose names begin so, as "name==version".
 * @param {string} start
 */
export const lockedNames = (start) => [...entries().keys()].filter((name) => name.startsWith(start));

/**
 * Arguments of pip for some of the locked wheels.
 * @param {readonly string[]} names "name==version" each
 */
export function lockedWheels(names) {
  const all = entries();
  const file = join(paths.state, "requirements.txt");
  mkdirSync(paths.state, { recursive: true });
  writeFileSync(file, names.map((name) => `${all.get(name)?.trim()}\n`).join(""));
  return locked(file);
}
