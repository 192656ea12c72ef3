/**
 * The fused kernels: own operations in TensorFlow, compiled at set-up from `lib/tensor/native/kernels`. Without them, on a GPU or
 * where there was no compiler, every operation is composed of TensorFlow's own.
 */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { prefersFewOperations } from "../gpu-path";

/** The loaded library. */
interface KernelLibrary {
  /** What it was compiled for: "avx512", "avx2" or "baseline". */
  instructions: string;
  /** Threads that share a kernel's work. */
  threads: number;
  /** How often each operation ran in this process. */
  callCounts(): Record<string, number>;
}

const file = path.join(__dirname, "..", "..", "..", ".setup", "kernels", "ethics_kernels.node");
let library: KernelLibrary | undefined;
let isThere: boolean | undefined;
let wanted = process.env.ETHICS_KERNELS !== "off";

function load(): KernelLibrary | undefined {
  if (library !== undefined || prefersFewOperations()) return library;
  // Every operation asks: the disk is asked once.
  isThere ??= existsSync(file);
  if (!isThere) return undefined;
  const addon = { exports: {} };
  process.dlopen(addon, file);
  library = addon.exports as KernelLibrary;
  return library;
}

/**
 * The fused kernels where they are to be used. `ETHICS_KERNELS` in the environment may name the instructions ("avx512",
 * "avx2" or "baseline"; by default the best that the processor has), or say "off".
 */
export function fusedKernels(): KernelLibrary | undefined {
  return wanted ? load() : undefined;
}

/** Runs `work` with TensorFlow's own operations alone. */
export function withoutKernels<T>(work: () => T): T {
  const before = wanted;
  wanted = false;
  try {
    return work();
  } finally {
    wanted = before;
  }
}
