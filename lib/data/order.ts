/** The order in which rows are read: shuffled for training, by length for evaluation. */
import { Mt19937 } from "../tensor/random";

/** The order in which an epoch reads its rows: torch's `randperm` with the generator seeded seed + epoch, as the Trainer's sampler. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return new Mt19937(seed + epoch).randperm(count);
}

/**
 * Divides rows of similar length into packs that together stay under a number of tokens.
 *
 * @param lengths tokens of each row
 * @param budget most tokens of a pack; a single longer row is a pack of its own
 * @returns the rows' indices; sorted by length, so the results must be put back in order
 */
export function tokenBudgetPacks(lengths: readonly number[], budget: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  const packs: number[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const index of order) {
    const length = lengths[index] as number;
    if (tokens + length > budget) {
      packs.push([]);
      tokens = 0;
    }
    packs.at(-1)?.push(index);
    tokens += length;
  }
  return packs;
}
