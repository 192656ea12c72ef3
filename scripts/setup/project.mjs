/** The project's folder, the paths in it, and the environment of its programs. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPackage, stateFolder } from "../../lib/process/state.js";

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** @param {...string} parts a path inside the project */
export const inProject = (...parts) => join(root, ...parts);

const state = stateFolder();
const require = createRequire(import.meta.url);

/** The folder of a Node package that npm may have put beside this project, once it is installed. @param {string} name */
export const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));

/** What set-up makes, and where. All of it is git-ignored and can be deleted at any time. */
export const paths = {
  state,
  nodeModules: inProject("node_modules"),
  venv: isPackage ? join(state, "venv") : inProject(".venv"),
  python: isPackage ? join(state, "venv", "bin", "python") : inProject(".venv", "bin", "python"),
  tensorflow: join(state, "tensorflow"),
  addon: join(state, "addon", "tfjs_binding.node"),
  kernels: join(state, "kernels", "ethics_kernels.node"),
  collective: join(state, "collective", "collective.node"),
  tfjs: inProject("node_modules", "@tensorflow", isPackage ? "tfjs-node" : "tfjs-node-gpu"),
  typescript: inProject("node_modules", "typescript", "bin", "tsc"),
  dist: inProject("dist"),
  kernel: inProject(".venv", "share", "jupyter", "kernels", "tslab", "kernel.json"),
  labExtension: inProject(".venv", "share", "jupyter", "labextensions", "ethics-for-robots"),
};

/** TensorFlow's native log lines are silenced up to warnings; errors stay visible. */
export const quietTensorFlow = { TF_CPP_MIN_LOG_LEVEL: "2" };

/** The environment of every child process: the caller's own wins. */
export const childEnvironment = () => ({ ...quietTensorFlow, ...process.env });
