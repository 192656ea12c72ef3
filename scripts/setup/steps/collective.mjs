/** Set-up's step that compiles the addon over TensorFlow's collective operations, for training in several processes. */
import { dirname, join } from "node:path";
import { inProject, paths } from "../project.mjs";
import { hashOf } from "../stamps.mjs";
import { addonInclude, linkFlags } from "./addon.mjs";
import { compile, WARNINGS } from "./compiler.mjs";
import { optionalStep } from "./optional.mjs";
import { tensorflowIngredients } from "./tensorflow.mjs";

const sources = inProject("lib", "parallel", "native");
const common = ["-std=c++17", "-O2", "-fPIC", ...WARNINGS];

export const collectiveOperations = optionalStep({
  title: "Collective operations (compiled here)",
  made: paths.collective,
  without: "one training then runs in one process alone",
  ingredients: () => ({
    sources: hashOf(sources, inProject("scripts", "setup", "steps", "collective.mjs")),
    tensorflow: tensorflowIngredients().names,
    platform: `${process.platform}-${process.arch}`,
  }),
  async make() {
    // The linker's tricks are Linux's; elsewhere a worker's server listens on every interface, and says so.
    if (process.platform === "linux") {
      const out = join(dirname(paths.collective), "bind.so");
      await compile({ flags: [...common, "-shared", join(sources, "bind.cc"), "-ldl"], out });
    }
    const addon = {
      name: "addon",
      flags: [...common, "-fvisibility=hidden", ...addonInclude(), join(sources, "collective.cc")],
    };
    const flags = linkFlags(process.platform, join("..", "tensorflow", "tensorflow"));
    return `by ${await compile({ objects: [addon], flags, out: paths.collective })}`;
  },
});
