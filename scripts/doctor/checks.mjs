/** The doctor's checks of this machine. */
import { existsSync, readFileSync } from "node:fs";
import { cpus, freemem, homedir, totalmem } from "node:os";
import { join, relative } from "node:path";
import { isPackage } from "../../lib/process/state.js";
import { checkMachine, checkNode, checkPython } from "../setup/checks.mjs";
import { capture } from "../setup/child.mjs";
import { paths } from "../setup/project.mjs";
import { tensorflowAddon } from "../setup/steps/addon.mjs";
import { library } from "../setup/steps/build.mjs";
import { compilersHere } from "../setup/steps/compiler.mjs";
import { notebookKernel } from "../setup/steps/kernel.mjs";
import { fusedKernels, tryKernels } from "../setup/steps/kernels.mjs";
import { nodePackages } from "../setup/steps/npm.mjs";
import { shortReason, whyNotBuilt } from "../setup/steps/optional.mjs";
import { pythonEnvironment } from "../setup/steps/python.mjs";
import { tryTensorFlow } from "../setup/steps/self-test.mjs";
import { hasNvidiaGpu, tensorflowLibrary } from "../setup/steps/tensorflow.mjs";

const SET_UP = isPackage ? "npx ethics-for-robots setup" : "npm run setup";

/** npm has installed the package's. */
const packages = isPackage ? [] : [nodePackages];

/**
 * One line of the doctor. A problem with a remedy has to be solved; one without is for information.
 * @typedef {{ name: string, found?: string, problem?: string, remedy?: string }} Finding
 */

/** @returns {Promise<Finding[]>} */
export async function checkAll() {
  const [tensorflow, hub, kernels, half] = await Promise.all([
    tensorflowFinding(),
    hubFinding(),
    kernelsFinding(),
    halfFinding(),
  ]);
  return [
    orRemedy("Node", process.version, () => checkNode()),
    orRemedy("machine", `${process.platform}-${process.arch}`, () => checkMachine()),
    pythonFinding(),
    compilerFinding(),
    ...(isPackage ? [] : notebookFindings()),
    tensorflow,
    gpuFinding(),
    { name: "cores", found: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}` },
    vectorFinding(),
    kernels,
    half,
    memoryFinding(),
    hub,
    cacheFinding(),
  ];
}

/** What only the project's own folder has. */
const notebookFindings = () => [
  made("Node packages", "as in package-lock.json", [nodePackages]),
  made("JupyterLab", ".venv", [pythonEnvironment]),
  made("library", "dist, built from lib", [nodePackages, library]),
  made("kernel", "tslab, under this Node", [nodePackages, notebookKernel]),
];

/**
 * @param {string} name
 * @param {string} found
 * @param {() => void} check throws an error that names the remedy
 * @returns {Finding}
 */
function orRemedy(name, found, check) {
  try {
    check();
    return { name, found };
  } catch (error) {
    const [problem = "", remedy = ""] = (error instanceof Error ? error.message : String(error)).split(
      /(?<=\.) (?=[A-Z])/,
    );
    return { name, problem, remedy };
  }
}

/** @returns {Finding} */
function pythonFinding() {
  let found = "";
  const finding = orRemedy("Python", found, () => {
    const { version, command } = checkPython();
    found = `${version} with venv (${command})`;
  });
  return finding.problem === undefined ? { ...finding, found } : finding;
}

/**
 * Without one, set-up downloads zig.
 * @param {string[]} compilers the installed ones
 * @returns {Finding}
 */
export function compilerFinding(compilers = compilersHere(), platform = process.platform) {
  const name = "C++ compiler";
  if (compilers.length > 0) return { name, found: compilers.join(", ") };
  const none = process.env.CXX
    ? `\`CXX=${process.env.CXX}\` is not there`
    : "none; set-up downloads zig instead (100 MB)";
  const linux = "apt-get install g++ (Debian, Ubuntu) or dnf install gcc-c++ (Fedora)";
  return { name, problem: `${none}. Install one: ${platform === "darwin" ? "xcode-select --install" : linux}` };
}

/**
 * @param {string} name
 * @param {string} found
 * @param {import("../setup.mjs").Step[]} steps
 * @returns {Finding}
 */
function made(name, found, steps) {
  if (steps.every((step) => step.isDone())) return { name, found };
  return { name, problem: "not there, or out of date", remedy: SET_UP };
}

/** @returns {Promise<Finding>} */
async function tensorflowFinding() {
  const name = "TensorFlow";
  const finding = made(name, "", [...packages, tensorflowLibrary, tensorflowAddon]);
  if (finding.problem !== undefined) return finding;
  try {
    const { tensorflow, device } = await tryTensorFlow();
    return { name, found: `${tensorflow}, a matrix product and its gradient are right on the ${device}` };
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { name, problem, remedy: `rm -rf ${relative(process.cwd(), paths.state)} && ${SET_UP}` };
  }
}

/** @returns {Finding} */
function gpuFinding() {
  if (hasNvidiaGpu()) return { name: "GPU", found: "NVIDIA, with a driver for CUDA 12" };
  return { name: "GPU", problem: "no NVIDIA GPU with driver 525 or newer; the CPU computes" };
}

/** @returns {Finding} */
function vectorFinding() {
  const name = "vector units";
  const flags = processorFlags();
  if (flags === undefined) return { name, problem: "unknown on this system" };
  const known = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"].filter((flag) => flags.includes(flag));
  return { name, found: known.join(", ") || "none known" };
}

/** @returns {string[] | undefined} the processor's features by Linux's names; undefined on another system */
function processorFlags() {
  if (!existsSync("/proc/cpuinfo")) return undefined;
  const flags = readFileSync("/proc/cpuinfo", "utf8").match(/^(?:flags|Features)\s*:(.*)$/m)?.[1];
  return flags?.trim().split(/\s+/) ?? [];
}

/** @returns {Promise<Finding>} */
async function kernelsFinding() {
  const name = "fused kernels";
  const finding = made(name, "", [...packages, tensorflowLibrary, fusedKernels]);
  if (finding.problem !== undefined) return finding;
  const reason = whyNotBuilt(paths.kernels);
  if (reason !== undefined) {
    return { name, problem: `not built (${shortReason(reason)}); everything works without, slower` };
  }
  if (hasNvidiaGpu()) return { name, found: "built; the GPU does without" };
  try {
    const { instructions } = await tryKernels();
    return { name, found: `${instructions} instructions` };
  } catch (error) {
    const problem = shortReason(error instanceof Error ? error.message : String(error));
    return { name, problem, remedy: `rm -rf ${relative(process.cwd(), paths.state)}/kernels && ${SET_UP}` };
  }
}

/** @returns {Promise<Finding>} */
async function halfFinding() {
  const name = "bfloat16";
  const fast = await hasFastHalf();
  if (fast === undefined) return { name, problem: "unknown on this system whether it is fast" };
  if (fast) return { name, found: "fast here: --dtype bfloat16 pays" };
  return { name, problem: "slow here: --dtype float32, the default, is the better choice" };
}

/** @returns {Promise<boolean | undefined>} whether matrix products in bfloat16 are much faster than in float32 */
async function hasFastHalf() {
  try {
    if (hasNvidiaGpu()) {
      const capability = await capture("the GPU's kind", "nvidia-smi", [
        "--query-gpu=compute_cap",
        "--format=csv,noheader",
      ]);
      return Number.parseFloat(capability) >= 8;
    }
    if (process.platform === "darwin") {
      return (await capture("the processor's kind", "sysctl", ["-n", "hw.optional.arm.FEAT_BF16"])).trim() === "1";
    }
  } catch {
    return undefined;
  }
  const flags = processorFlags();
  return flags && ["avx512_bf16", "amx_bf16", "bf16"].some((flag) => flags.includes(flag));
}

/** @returns {Finding} */
function memoryFinding() {
  const available = readMemAvailable() ?? freemem();
  const gigabytes = (/** @type {number} */ bytes) => (bytes / 1e9).toFixed(1);
  const text = `${gigabytes(available)} GB free of ${gigabytes(totalmem())} GB`;
  if (available >= 2e9) return { name: "memory", found: text };
  return { name: "memory", problem: `${text}; the demo needs about 2 GB, roberta-large about 8 GB` };
}

/** Linux counts the file cache as free here, which `freemem` does not. */
function readMemAvailable() {
  if (!existsSync("/proc/meminfo")) return undefined;
  const kilobytes = readFileSync("/proc/meminfo", "utf8").match(/^MemAvailable:\s+(\d+)/m)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** @returns {Promise<Finding>} */
async function hubFinding() {
  const name = "hub";
  const endpoint = process.env.HF_ENDPOINT || "https://huggingface.co";
  try {
    const { status } = await fetch(endpoint, { method: "HEAD", signal: AbortSignal.timeout(3000) });
    if (status < 500) return { name, found: `${endpoint} answers` };
    return {
      name,
      problem: `${endpoint} answers with status ${status}; cached models, folders and the demo still work`,
    };
  } catch {
    return { name, problem: `${endpoint} cannot be reached; cached models, folders and the demo still work` };
  }
}

/** @returns {Finding} */
function cacheFinding() {
  const folder = cacheFolder();
  if (existsSync(folder)) return { name: "model cache", found: folder };
  return { name: "model cache", problem: `${folder} does not exist yet; downloads will make it` };
}

/**
 * As in lib/hub/settings.ts, which may not be built yet when the doctor runs; a test compares both.
 * @returns {string} the folder of the Hugging Face cache
 */
export function cacheFolder(environment = process.env) {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  const home = HF_HOME || join(XDG_CACHE_HOME || join("~", ".cache"), "huggingface");
  return (HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(home, "hub")).replace(/^~(?=\/|$)/, homedir());
}
