/** The step that registers the notebook's TypeScript kernel. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inProject, paths, quietTensorFlow } from "../project.mjs";

/** The kernel runs under this very Node, wherever the PATH points, and from this very folder. */
const kernelspec = () =>
  JSON.stringify(
    {
      argv: [process.execPath, inProject("scripts", "notebook", "tslab.mjs"), "{connection_file}"],
      display_name: "TypeScript",
      language: "typescript",
      env: quietTensorFlow,
    },
    undefined,
    2,
  );

/** The TypeScript kernel, known to the `.venv` only. @type {import("../../setup.mjs").Step} */
export const notebookKernel = {
  title: "Notebook kernel (tslab)",
  isDone: () => existsSync(paths.kernel) && readFileSync(paths.kernel, "utf8") === kernelspec(),
  async run() {
    mkdirSync(dirname(paths.kernel), { recursive: true });
    writeFileSync(`${paths.kernel}.new`, kernelspec());
    renameSync(`${paths.kernel}.new`, paths.kernel);
  },
};
