/** How much memory a training step takes, known before the first one. */
import { readFileSync } from "node:fs";
import * as os from "node:os";
import type { TokenizedRow } from "../../data/rows";
import type { Classifier } from "../../model/classifier";
import { fusedKernels } from "../../tensor/native/library";
import { nodeBackend } from "../../tensor/raw-op";

/** Rows of one forward pass. */
type Pass = readonly Pick<TokenizedRow, "inputIds" | "textLengths">[];

/**
 * Estimates the memory that a forward and backward pass takes beside the weights: what each layer keeps for its gradient, and
 * the passing results of one layer. Seen on a RoBERTa-large: within a sixth of the memory that the process took.
 *
 * @param pass its rows
 * @returns bytes
 */
export function estimateMemory(
  model: Classifier,
  pass: Pass,
  options: { gradientCheckpointing?: boolean } = {},
): number {
  const {
    hiddenSize: hidden,
    intermediateSize: inner,
    numAttentionHeads: heads,
    numHiddenLayers: layers,
  } = model.config;
  const lengths = pass.flatMap(({ inputIds, textLengths }) => textLengths ?? [inputIds.length]);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const squares = lengths.reduce((sum, length) => sum + length * length, 0);
  const size = model.dtype === "bfloat16" ? 2 : 4;
  const fused = fusedKernels() !== undefined;
  // Two normalized matrices and the input of A, float32; the slope of GELU, queries, keys and values in the model's dtype.
  const kept = tokens * (3 * 4 * hidden + size * (inner + 3 * hidden));
  // Without the fused kernels the probabilities are kept too, and the masks.
  const attention = fused ? 0 : 4 * heads * squares + 2 * tokens * hidden;
  const passing = fused ? tokens * size * (2 * inner + 6 * hidden) : 4 * (12 * tokens * inner + 4 * heads * squares);
  if (!options.gradientCheckpointing) return layers * (kept + attention) + passing;
  return layers * 4 * tokens * hidden + kept + attention + passing;
}

/**
 * Checks that the largest pass of a run fits into the memory that is free. On a GPU nothing is known, and nothing is checked.
 *
 * @throws {RangeError} it does not fit
 */
export function checkMemory(model: Classifier, passes: Iterable<Pass>, gradientCheckpointing: boolean): void {
  const free = freeMemory();
  if (free === undefined) return;
  let needed = 0;
  for (const pass of passes) needed = Math.max(needed, estimateMemory(model, pass, { gradientCheckpointing }));
  if (needed <= free) return;
  const [want, have] = [needed, free].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  const remedies = waysToSaveMemory({ gradientCheckpointing, dtype: model.dtype });
  throw new RangeError(
    `the largest training step needs about ${want} of memory: expected that much, got ${have} free. Try ${remedies}.`,
  );
}

/** What takes less memory and is not yet in use, as part of a sentence. */
export function waysToSaveMemory(use: { gradientCheckpointing: boolean; dtype: string | undefined }): string {
  const ways = [
    ...(use.gradientCheckpointing ? [] : ["gradientCheckpointing: true"]),
    "a smaller perDeviceTrainBatchSize with gradientAccumulationSteps",
    ...(use.dtype === "bfloat16" ? [] : ['dtype: "bfloat16"']),
    "shorter texts",
  ];
  return ways.join(", ");
}

/** Bytes that this process can still get; unknown on a GPU. */
function freeMemory(): number | undefined {
  if (nodeBackend().isUsingGpuDevice) return undefined;
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.min(availableToAll(), limit - process.memoryUsage.rss());
}

/** Linux knows what is available; elsewhere what is free is far too little, so only what can never fit is refused. */
function availableToAll(): number {
  if (process.platform !== "linux") return os.totalmem() - process.memoryUsage.rss();
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return kilobytes === undefined ? os.totalmem() - process.memoryUsage.rss() : 1024 * Number(kilobytes);
}
