/** Set-up's step that compiles the fused kernels, and why it did not. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../child.mjs";
import { inProject, paths } from "../project.mjs";
import { SetupError } from "../setup-error.mjs";
import { hashOf, isMadeFrom, stamp, unstamp } from "../stamps.mjs";
import { addonInclude, linkFlags } from "./addon.mjs";
import { compile, compilersHere, WARNINGS } from "./compiler.mjs";
import { tensorflowIngredients } from "./tensorflow.mjs";

const sources = inProject("lib", "tensor", "native", "kernels");
const home = dirname(paths.kernels);
const reasonFile = join(home, "not-built.txt");

const ingredients = () => ({
  sources: hashOf(sources, inProject("scripts", "setup", "steps", "kernels.mjs")),
  tensorflow: tensorflowIngredients().names,
  platform: `${process.platform}-${process.arch}`,
});

/** Ingredients of a failure; with other compilers set-up tries again. */
const failure = () => ({ ...ingredients(), failedWith: compilersHere() });

/**
 * The fused kernels of `lib/tensor/native/kernels`. The library works without them, only slower, so a failure is
 * reported and remembered, and set-up goes on.
 * @type {import("../../setup.mjs").Step}
 */
export const fusedKernels = {
  title: "Fused kernels (compiled here)",
  isDone: () => (isMadeFrom(home, ingredients()) && existsSync(paths.kernels)) || isMadeFrom(home, failure()),
  async run() {
    unstamp(home);
    rmSync(reasonFile, { force: true });
    try {
      const compiler = await compile({ ...job(process.platform, process.arch), out: paths.kernels });
      const { instructions } = await tryKernels();
      stamp(home, ingredients());
      return `${instructions}, by ${compiler}`;
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      rmSync(paths.kernels, { force: true });
      stamp(home, failure());
      writeFileSync(reasonFile, error.message);
      return `not built (${shortReason(error.message)}); everything works without, slower`;
    }
  },
};

/**
 * The compiler's full output if the kernels could not be built.
 * @returns {string | undefined} nothing where they are
 */
export function whyNotBuilt() {
  if (existsSync(paths.kernels)) return undefined;
  return existsSync(reasonFile) ? readFileSync(reasonFile, "utf8") : "set-up has not run";
}

/**
 * A compiler's first error, or what the failed command says of itself.
 * @param {string} text
 */
export function shortReason(text) {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? "").trim().replaceAll(`${sources}/`, "");
}

/**
 * Loads the kernels in a process of its own.
 * @returns {Promise<{ instructions: string }>} what they were compiled for, of what this processor has
 * @throws {SetupError} they do not load
 */
export async function tryKernels() {
  const script = [
    "const library = { exports: {} };",
    "process.dlopen(library, process.argv[1]);",
    "console.log(JSON.stringify(library.exports));",
  ].join("\n");
  const env = { ETHICS_KERNELS: undefined };
  return JSON.parse(await capture("the kernels", process.execPath, ["--eval", script, paths.kernels], { env }));
}

/** The sets of instructions that kernels are compiled for and this processor has, oldest first, as `ETHICS_KERNELS` names them. */
export async function instructionSets() {
  const { instructions } = await tryKernels();
  const all = ["baseline", "avx2", "avx512"];
  return all.slice(0, all.indexOf(instructions) + 1);
}

/** The processor's instructions that kernels are compiled for, by the name of their table. */
const INSTRUCTIONS = {
  kernelsBaseline: [],
  kernelsAvx2: ["-mavx2", "-mfma"],
  kernelsAvx512: ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma"],
};

/**
 * @param {string} platform
 * @param {string} arch as in `process.arch`
 */
export function job(platform, arch) {
  // No flag that lets the compiler forget about NaN.
  const common = ["-std=c++17", "-O3", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-fvisibility=hidden"];
  const tables = Object.entries(INSTRUCTIONS).filter(([, flags]) => arch === "x64" || flags.length === 0);
  return {
    objects: [
      ...tables.map(([name, flags]) => ({
        name,
        flags: [
          ...common,
          ...WARNINGS,
          ...flags,
          "-fno-exceptions",
          `-DKERNELS=${name}`,
          join(sources, "instructions.cc"),
        ],
      })),
      {
        name: "addon",
        flags: [...common, ...WARNINGS, ...addonInclude(), join(sources, "addon.cc")],
      },
    ],
    // From .setup/kernels: relative, so that the project can be moved.
    flags: linkFlags(platform, join("..", "tensorflow", "tensorflow")),
  };
}
