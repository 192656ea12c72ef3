/** The step that tries TensorFlow. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../child.mjs";
import { inProject, paths } from "../project.mjs";
import { hashOf, isMadeFrom, stamp } from "../stamps.mjs";
import { tensorflowIngredients } from "./tensorflow.mjs";

const folder = join(paths.state, "self-test");

const ingredients = () => ({
  addon: existsSync(paths.addon) ? hashOf(paths.addon) : "none",
  tensorflow: tensorflowIngredients().names,
  node: process.version,
});

/** One matrix product and its gradient on the device, in a process of its own. @type {import("../../setup.mjs").Step} */
export const selfTest = {
  title: "Self-test (a matrix product and its gradient)",
  isDone: () => isMadeFrom(folder, ingredients()),
  async run() {
    const { device, tensorflow } = await tryTensorFlow();
    stamp(folder, ingredients());
    return `TensorFlow ${tensorflow} on the ${device}`;
  },
};

/** @returns {Promise<{ device: string, tensorflow: string }>} */
export async function tryTensorFlow() {
  const script = inProject("scripts", "setup", "steps", "self-test-child.mjs");
  return JSON.parse(await capture("the TensorFlow self-test", process.execPath, [script]));
}
