/** `npm run setup`: makes what the project needs on this machine; the other commands call it first. */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkMachine, checkNode, checkPython } from "./setup/checks.mjs";
import { endChildren } from "./setup/child.mjs";
import { takeLock } from "./setup/lock.mjs";
import { refuseOptions, runMain } from "./setup/setup-error.mjs";
import { tensorflowAddon } from "./setup/steps/addon.mjs";
import { library } from "./setup/steps/build.mjs";
import { collectiveOperations } from "./setup/steps/collective.mjs";
import { notebookKernel } from "./setup/steps/kernel.mjs";
import { fusedKernels } from "./setup/steps/kernels.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { pipEnvironment, pythonEnvironment } from "./setup/steps/python.mjs";
import { selfTest } from "./setup/steps/self-test.mjs";
import { tensorflowLibrary } from "./setup/steps/tensorflow.mjs";

/**
 * One thing that set-up makes. `isDone` is quick and compares what is there with what it was made from; `run` makes it,
 * whole or not at all, and may return a remark for the screen.
 * @typedef {{ title: string, isDone: () => boolean, run: () => Promise<string | void> }} Step
 */

/** In this order: each step uses what the ones before it made. @type {Step[]} */
export const steps = [
  nodePackages,
  pythonEnvironment,
  tensorflowLibrary,
  tensorflowAddon,
  fusedKernels,
  collectiveOperations,
  library,
  notebookKernel,
  selfTest,
];

/** What the package needs: its `dist` is packed, and npm has installed the rest. @type {Step[]} */
export const packageSteps = [
  pipEnvironment,
  tensorflowLibrary,
  tensorflowAddon,
  fusedKernels,
  collectiveOperations,
  selfTest,
];

/**
 * Makes what is missing or out of date, one line for each step; silent when nothing is.
 * @param {Step[]} [wanted] the first steps, where these are enough, or the package's
 * @param {{ write(text: string): unknown }} [screen] gets the lines
 * @returns {Promise<boolean>} whether there was something to do
 */
export async function setUp(wanted = steps, screen = process.stdout) {
  checkNode();
  if (isComplete(wanted)) return false;
  const giveBack = await takeLock({ say: (line) => screen.write(`${line}\n`) });
  const interrupted = async () => {
    await endChildren();
    giveBack();
    screen.write("\nSet-up interrupted. The same command goes on from here.\n");
    process.exit(130);
  };
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  try {
    if (isComplete(wanted)) return false;
    checkMachine();
    if (wanted.includes(pythonEnvironment) && !pythonEnvironment.isDone()) checkPython();
    screen.write("Setting up:\n");
    for (const step of wanted) {
      if (!step.isDone()) await runStep(step, screen);
    }
    return true;
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    giveBack();
  }
}

/**
 * Later steps look into folders that the earlier ones make, so the first one that is not done ends the question.
 * @param {Step[]} wanted
 */
const isComplete = (wanted) => wanted.every((step) => step.isDone());

/**
 * @param {Step} step
 * @param {{ write(text: string): unknown }} screen
 */
async function runStep(step, screen) {
  const start = performance.now();
  screen.write(`  ${step.title} … `);
  try {
    const remark = await step.run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    screen.write(`${remark ? `${remark}, ` : ""}${seconds} s\n`);
  } catch (error) {
    screen.write("failed\n");
    throw error;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    refuseOptions("npm run setup", process.argv.slice(2));
    console.log((await setUp()) ? "Set up." : "Everything is set up.");
    return 0;
  });
}
