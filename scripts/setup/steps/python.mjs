/** The step that makes the Python environment. */
import { existsSync } from "node:fs";
import { checkPython } from "../checks.mjs";
import { capture } from "../child.mjs";
import { inProject, paths, root } from "../project.mjs";
import { hashOf, isMadeFrom, stamp, unstamp } from "../stamps.mjs";
import { locked } from "./locked.mjs";

const requirements = inProject("scripts", "setup", "steps", "requirements.txt");

// A virtual environment contains absolute paths, so a moved project needs a new one.
const ingredients = () => ({ root, packages: hashOf(requirements) });

/** Arguments of every pip call: no prompts and no version check. */
export const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"];

/** A Python of its own for the package, which wants no more than pip. @type {import("../../setup.mjs").Step} */
export const pipEnvironment = {
  title: "Python environment (pip alone)",
  isDone: () => isMadeFrom(paths.venv, { venv: paths.venv }) && existsSync(paths.python),
  async run() {
    unstamp(paths.venv);
    await capture("a virtual environment", checkPython().command, ["-m", "venv", "--clear", paths.venv]);
    stamp(paths.venv, { venv: paths.venv });
  },
};

/** JupyterLab, nbconvert and plotly's renderer in `.venv`. @type {import("../../setup.mjs").Step} */
export const pythonEnvironment = {
  title: "Python environment (.venv with JupyterLab)",
  isDone: () => isMadeFrom(paths.venv, ingredients()) && existsSync(paths.python),
  async run() {
    const { command } = checkPython();
    unstamp(paths.venv);
    await capture("a virtual environment", command, ["-m", "venv", "--clear", paths.venv]);
    await capture("the Python packages", paths.python, [...pip, "install", ...locked(requirements)]);
    stamp(paths.venv, ingredients());
  },
};
