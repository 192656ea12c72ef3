/** Set-up's step that compiles the fused kernels. */
import { join } from "node:path";
import { capture } from "../child.mjs";
import { inProject, paths } from "../project.mjs";
import { hashOf } from "../stamps.mjs";
import { addonInclude, linkFlags } from "./addon.mjs";
import { compile, WARNINGS } from "./compiler.mjs";
import { optionalStep } from "./optional.mjs";
import { tensorflowIngredients } from "./tensorflow.mjs";

const sources = inProject("lib", "tensor", "native", "kernels");

/** The fused kernels of `lib/tensor/native/kernels`. */
export const fusedKernels = optionalStep({
  title: "Fused kernels (compiled here)",
  made: paths.kernels,
  without: "everything works without, slower",
  ingredients: () => ({
    sources: hashOf(sources, inProject("scripts", "setup", "steps", "kernels.mjs")),
    tensorflow: tensorflowIngredients().names,
    platform: `${process.platform}-${process.arch}`,
  }),
  async make() {
    const compiler = await compile({ ...job(process.platform, process.arch), out: paths.kernels });
    const { instructions } = await tryKernels();
    return `${instructions}, by ${compiler}`;
  },
});

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
