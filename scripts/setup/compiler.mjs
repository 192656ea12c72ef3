import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "./child.mjs";
import { paths } from "./project.mjs";
import { pip } from "./python.mjs";
import { SetupError } from "./setup-error.mjs";

/** The compiler for machines without one: a PyPI package, 100 MB. */
const ZIG = "ziglang==0.16.0";

/**
 * Compiles and links C++ to one shared library, with the first compiler that can: `CXX`, g++, c++, clang++, else zig.
 * @param {{ flags: string[], out: string }} job everything but `-o`; the file to make, whole or not at all
 * @returns {Promise<string>} the compiler's name
 */
export async function compile({ flags, out }) {
  const made = `${out}.new`;
  mkdirSync(dirname(out), { recursive: true });
  const named = process.env.CXX;
  const system = named ? [named] : ["g++", "c++", "clang++"];
  for (const compiler of system) {
    try {
      await capture("the compiler", compiler, [...flags, "-o", made]);
      renameSync(made, out);
      return compiler;
    } catch (error) {
      // A compiler that the user chose has to work; one of the others may be missing or half installed.
      if (named || !(error instanceof SetupError)) throw error;
    }
  }
  await capture("zig", await zig(), ["-m", "ziglang", "c++", ...flags, "-o", made], { env: { PYTHONPATH: zigFolder } });
  renameSync(made, out);
  return "zig";
}

const zigFolder = join(paths.state, "zig");

/** Fetches zig and returns the Python that runs it. */
async function zig() {
  rmSync(zigFolder, { recursive: true, force: true });
  await capture("the zig compiler", paths.python, [...pip, "install", "--no-deps", "--target", zigFolder, ZIG]);
  return paths.python;
}
