/** Set-up's step that compiles tfjs' addon against the TensorFlow that was fetched. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isPackage } from "../../../lib/process/state.js";
import { inProject, packageFolder, paths } from "../project.mjs";
import { hashOf, isMadeFrom, stamp } from "../stamps.mjs";
import { compile, WARNINGS } from "./compiler.mjs";
import { tensorflowIngredients } from "./tensorflow.mjs";

/**
 * Where tfjs-node-gpu looks for its addon. `npm ci` wipes it, so the built file is kept outside and copied there; the package
 * has tfjs-node look where it is built.
 */
const place = isPackage ? paths.addon : join(paths.tfjs, "lib", "napi-v8", "tfjs_binding.node");
const home = dirname(paths.addon);

const signals = inProject("lib", "tensor", "native", "signals.cc");

const ingredients = () => ({
  sources: hashOf(join(paths.tfjs, "binding"), signals, inProject("scripts", "setup", "steps", "addon.mjs")),
  tensorflow: tensorflowIngredients().names,
  platform: `${process.platform}-${process.arch}`,
});

const isBuilt = () => isMadeFrom(home, ingredients()) && existsSync(paths.addon);
const isInPlace = () => existsSync(place) && readFileSync(place).equals(readFileSync(paths.addon));

/** The addon of tfjs-node-gpu, compiled against TensorFlow's C library. @type {import("../../setup.mjs").Step} */
export const tensorflowAddon = {
  title: "TensorFlow addon for Node (compiled here)",
  isDone: () => isBuilt() && isInPlace(),
  async run() {
    if (!isBuilt()) {
      await compile({ ...job(process.platform), out: paths.addon });
      stamp(home, ingredients());
    }
    if (isInPlace()) return;
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(paths.addon, `${place}.new`);
    renameSync(`${place}.new`, place);
  },
};

/** Include flags for the headers of Node and TensorFlow, whose warnings are ignored. */
export const addonInclude = () => [
  "-DNAPI_VERSION=8",
  "-isystem",
  join(packageFolder("node-api-headers"), "include"),
  "-isystem",
  join(paths.tensorflow, "tensorflow", "include"),
];

/** @param {string} platform */
function job(platform) {
  const binding = join(paths.tfjs, "binding");
  const sources = readdirSync(binding).filter((name) => name.endsWith(".cc"));
  const common = ["-O2", "-fPIC", "-std=c++17"];
  // From where it is loaded: relative, so that the project can be moved.
  const libraries = relative(dirname(place), join(paths.tensorflow, "tensorflow"));
  return {
    objects: [
      { name: "signals", flags: [...common, ...WARNINGS, signals] },
      ...sources.map((name) => ({ name, flags: [...common, ...addonInclude(), "-w", join(binding, name)] })),
    ],
    flags: linkFlags(platform, libraries),
  };
}

/**
 * Flags that link an addon to TensorFlow's C library.
 * @param {string} platform
 * @param {string} libraries that library's folder, relative to the addon's
 */
export function linkFlags(platform, libraries) {
  // By path rather than by -l, which not every linker takes with a versioned name.
  const library = (/** @type {string} */ name) =>
    join(paths.tensorflow, "tensorflow", platform === "darwin" ? `lib${name}.2.dylib` : `lib${name}.so.2`);
  // The macOS branch follows Apple's linker conventions and was not tried on a Mac.
  const link =
    platform === "darwin"
      ? ["-bundle", "-undefined", "dynamic_lookup", `-Wl,-rpath,@loader_path/${libraries}`]
      : ["-shared", `-Wl,-rpath,$ORIGIN/${libraries}`];
  return [library("tensorflow_cc"), library("tensorflow_framework"), ...link];
}
