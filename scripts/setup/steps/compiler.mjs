/** The C++ compiler of this machine, or one from PyPI where there is none. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { capture } from "../child.mjs";
import { paths } from "../project.mjs";
import { SetupError } from "../setup-error.mjs";
import { isMadeFrom, stamp } from "../stamps.mjs";
import { lockedNames, lockedWheels } from "./locked.mjs";
import { pip } from "./python.mjs";

/** The compiler for machines without one: a PyPI package, 100 MB. */
const [ZIG = ""] = lockedNames("ziglang==");

/** Warnings for our own sources, without GCC's notes on how vectors are passed, since all such calls are internal. */
export const WARNINGS = ["-Wall", "-Wextra", "-Wno-psabi"];

/**
 * A shared library and what it is made from. Objects are for sources that need flags of their own.
 * @typedef {{ objects?: { name: string, flags: string[] }[], flags: string[], out: string }} Job `flags`: everything
 *   but `-o`; `out`: the file to make, whole or not at all
 */

/**
 * Compiles and links C++ to one shared library, with the first compiler that can: `CXX`, g++, c++, clang++, else zig.
 * @param {Job} job
 * @returns {Promise<string>} the compiler's name
 */
export async function compile(job) {
  const named = process.env.CXX;
  for (const compiler of systemCompilers()) {
    try {
      await build(job, (args) => capture("the compiler", compiler, args));
      return compiler;
    } catch (error) {
      // A compiler that the user chose has to work; one of the others may be missing or half installed.
      if (named || !(error instanceof SetupError)) throw error;
    }
  }
  await fetchZig();
  await build(job, (args) =>
    capture("zig", paths.python, [...ZIG_COMMAND, ...args], { env: { PYTHONPATH: zigFolder } }),
  );
  return "zig";
}

/** The compilers of this machine that may be tried, in this order; they need not be there. */
const systemCompilers = () => (process.env.CXX ? [process.env.CXX] : ["g++", "c++", "clang++"]);

/** The installed ones of them, found without running one. */
export function compilersHere() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return systemCompilers().filter((name) => [name, ...folders.map((folder) => join(folder, name))].some(existsSync));
}

/**
 * @param {Job} job
 * @param {(args: string[]) => Promise<string>} run the compiler
 */
async function build({ objects = [], flags, out }, run) {
  const made = `${out}.new`;
  const folder = `${out}.objects`;
  mkdirSync(objects.length > 0 ? folder : dirname(out), { recursive: true });
  try {
    const results = await Promise.allSettled(
      objects.map(({ name, flags }) => run([...flags, "-c", "-o", join(folder, `${name}.o`)])),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    await run([...objects.map(({ name }) => join(folder, `${name}.o`)), ...flags, "-o", made]);
    renameSync(made, out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const zigFolder = join(paths.state, "zig");

// Zig compiles for the machine it runs on unless told otherwise; the other compilers do not.
const ZIG_COMMAND = ["-m", "ziglang", "c++", "-mcpu=baseline"];

/** Puts zig into its folder, unless it is there. */
async function fetchZig() {
  if (isMadeFrom(zigFolder, { ZIG })) return;
  rmSync(zigFolder, { recursive: true, force: true });
  await capture("the zig compiler", paths.python, [...pip, "install", "--target", zigFolder, ...lockedWheels([ZIG])]);
  stamp(zigFolder, { ZIG });
}
