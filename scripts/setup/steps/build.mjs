/** The step that compiles `lib` to `dist`. */
import { join } from "node:path";
import { capture } from "../child.mjs";
import { inProject, paths } from "../project.mjs";
import { hashOf, isMadeFrom, stamp, swapIn } from "../stamps.mjs";

const config = inProject("tsconfig.build.json");

const ingredients = () => ({
  sources: hashOf(inProject("lib"), inProject("tsconfig.json"), config, inProject("package-lock.json")),
});

/** `lib` compiled to `dist`, whole or not at all. @type {import("../../setup.mjs").Step} */
export const library = {
  title: "The library (TypeScript to dist)",
  isDone: () => isMadeFrom(paths.dist, ingredients()),
  async run() {
    const before = ingredients();
    const made = join(paths.state, "dist.new");
    const out = ["--outDir", made, "--noEmitOnError"];
    await capture("building the library", process.execPath, [paths.typescript, "--project", config, ...out]);
    stamp(made, before);
    swapIn(made, paths.dist);
  },
};
