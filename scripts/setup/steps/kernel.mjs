/** The step that registers the notebook's TypeScript kernel, and the part of JupyterLab's page that is the project's own. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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

const extension = inProject("scripts", "notebook", "lab-extension");

const hasExtension = () => existsSync(paths.labExtension) && readlinkSync(paths.labExtension) === extension;

/** The TypeScript kernel, known to the `.venv` only. @type {import("../../setup.mjs").Step} */
export const notebookKernel = {
  title: "Notebook kernel (tslab)",
  isDone: () => existsSync(paths.kernel) && readFileSync(paths.kernel, "utf8") === kernelspec() && hasExtension(),
  async run() {
    mkdirSync(dirname(paths.kernel), { recursive: true });
    writeFileSync(`${paths.kernel}.new`, kernelspec());
    renameSync(`${paths.kernel}.new`, paths.kernel);
    mkdirSync(dirname(paths.labExtension), { recursive: true });
    rmSync(paths.labExtension, { force: true });
    symlinkSync(extension, paths.labExtension);
  },
};
