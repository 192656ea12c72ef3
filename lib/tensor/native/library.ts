/**
 * The fused kernels: custom TensorFlow operations, compiled at set-up from `lib/tensor/native/kernels`. Without them (on a GPU,
 * or where there was no compiler) every operation is composed of TensorFlow's own.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../../process/state";
import { availableCores } from "../cores";
import { prefersFewOperations } from "../gpu-path";

/** The compiled library, as Node loads it. */
interface Addon {
  /** What it was compiled for: "avx512", "avx2" or "baseline". */
  instructions: string;
  /** How often each operation ran in this process. */
  callCounts(): Record<string, number>;
  /** @returns the threads that share a kernel's work from now on: `count`, or fewer where the system allows no more */
  startThreads(count: number): number;
}

interface KernelLibrary extends Addon {
  /** Threads that share a kernel's work. */
  threads: number;
}

const file = process.env.ETHICS_KERNELS_FILE ?? join(stateFolder(), "kernels", "ethics_kernels.node");
let library: KernelLibrary | undefined;
let isThere: boolean | undefined;
let isWanted = process.env.ETHICS_KERNELS !== "off";

function load(): KernelLibrary | undefined {
  if (library !== undefined || prefersFewOperations()) return library;
  // Remembered, since every operation asks.
  isThere ??= existsSync(file);
  if (!isThere) return undefined;
  const addon = { exports: {} as Addon };
  process.dlopen(addon, file);
  library = { ...addon.exports, threads: addon.exports.startThreads(availableCores()) };
  return library;
}

/**
 * The fused kernels, or undefined where they are not used. `ETHICS_KERNELS` in the environment may name the instructions ("avx512",
 * "avx2" or "baseline"; by default the best that the processor has) or be "off"; `ETHICS_KERNELS_FILE` names another library
 * file.
 */
export function fusedKernels(): KernelLibrary | undefined {
  return isWanted ? load() : undefined;
}

/** Runs `work` with TensorFlow's own operations alone. */
export function withoutKernels<T>(work: () => T): T {
  const before = isWanted;
  isWanted = false;
  try {
    return work();
  } finally {
    isWanted = before;
  }
}
