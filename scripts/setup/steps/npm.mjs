/** The step that installs the Node packages. */
import { basename } from "node:path";
import { capture } from "../child.mjs";
import { inProject, paths } from "../project.mjs";
import { hashOf, isMadeFrom, stamp, unstamp } from "../stamps.mjs";

const ingredients = () => ({
  lock: hashOf(inProject("package-lock.json"), inProject("vendor")),
  platform: `${process.platform}-${process.arch}`,
});

/** `npm ci`, as the lock file says, with every package's install script off (`.npmrc`). @type {import("../../setup.mjs").Step} */
export const nodePackages = {
  title: "Node packages (npm ci)",
  isDone: () => isMadeFrom(paths.nodeModules, ingredients()),
  async run() {
    unstamp(paths.nodeModules);
    const args = ["ci", "--include=dev", "--include=optional", "--loglevel=error"];
    // Prefers the npm that started this script, which need not be the first on the PATH.
    const npm = process.env.npm_execpath ?? "";
    if (basename(npm) === "npm-cli.js") await capture("the Node packages", process.execPath, [npm, ...args]);
    else await capture("the Node packages", "npm", args);
    stamp(paths.nodeModules, ingredients());
  },
};
