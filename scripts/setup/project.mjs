/** The project's folder, the paths in it, and the environment of its programs. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** @param {...string} parts a path inside the project */
export const inProject = (...parts) => join(root, ...parts);

/** What set-up makes, and where. All of it is git-ignored and can be deleted at any time. */
export const paths = {
  state: inProject(".setup"),
  nodeModules: inProject("node_modules"),
  venv: inProject(".venv"),
  python: inProject(".venv", "bin", "python"),
  tensorflow: inProject(".setup", "tensorflow"),
  addon: inProject(".setup", "addon", "tfjs_binding.node"),
  kernels: inProject(".setup", "kernels", "ethics_kernels.node"),
  tfjs: inProject("node_modules", "@tensorflow", "tfjs-node-gpu"),
  typescript: inProject("node_modules", "typescript", "bin", "tsc"),
  dist: inProject("dist"),
  kernel: inProject(".venv", "share", "jupyter", "kernels", "tslab", "kernel.json"),
  labExtension: inProject(".venv", "share", "jupyter", "labextensions", "ethics-for-robots"),
};

/** TensorFlow's native log lines are silenced up to warnings; errors stay visible. */
export const quietTensorFlow = { TF_CPP_MIN_LOG_LEVEL: "2" };

/** The environment of every child process: the caller's own wins. */
export const childEnvironment = () => ({ ...quietTensorFlow, ...process.env });
