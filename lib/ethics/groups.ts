/** Groups of consecutive rows, of which the test files of justice, deontology and virtue are made. */

import type { Dataset } from "../data/dataset";
import { Mt19937 } from "../tensor/random";

/**
 * Counts the groups.
 *
 * @throws {RangeError} `size` is not a positive integer, or does not divide the count of rows
 */
export function countGroups(rows: number, size: number): number {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`\`size\`: expected a positive integer, got ${size}.`);
  }
  if (rows % size !== 0) {
    throw new RangeError(
      `rows: expected whole groups of ${size}, got ${rows}. Only ETHICS's validation and test splits have groups; sampleGroups() keeps them whole.`,
    );
  }
  return rows / size;
}

/**
 * A random sample of whole groups: the first of `torch.randperm` over the groups, for the seed. A group's rows stay
 * together and in order. For validation and test; the training files of ETHICS are not made of groups.
 *
 * @param size consecutive rows of a group
 * @param limit most groups
 */
export function sampleGroups(split: Dataset, size: number, limit: number, seed: number): Dataset {
  const groups = countGroups(split.numRows, size);
  if (limit >= groups) return split;
  const chosen = new Mt19937(seed).randperm(groups).slice(0, limit);
  return split.select(Array.from(chosen).flatMap((group) => Array.from({ length: size }, (_, i) => group * size + i)));
}
