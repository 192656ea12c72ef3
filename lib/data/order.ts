/** The order in which rows are read: shuffled for training, by length for evaluation. */
import { Mt19937 } from "../tensor/random";

/** The order in which an epoch reads its rows: torch's `randperm` with the generator seeded seed + epoch, as the Trainer's sampler. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return new Mt19937(seed + epoch).randperm(count);
}

/**
 * An order in which each step has rows of similar length: rows are shuffled, cut into pieces of up to 50 steps, and each
 * piece is sorted by length, as transformers' `get_length_grouped_indices` does. The longest row comes first of all.
 *
 * @param lengths tokens of each row
 * @param stepSize rows of a step
 */
export function lengthGroupedOrder(
  lengths: readonly number[],
  stepSize: number,
  seed: number,
  epoch: number,
): Int32Array {
  const order = epochOrder(lengths.length, seed, epoch);
  const size = stepSize * (Math.min(Math.floor(lengths.length / (stepSize * 4)), 50) || 1);
  const lengthOf = (row: number | undefined): number => lengths[row ?? -1] ?? 0;
  const pieces: number[][] = [];
  for (let first = 0; first < order.length; first += size) {
    pieces.push(Array.from(order.slice(first, first + size)).sort((a, b) => lengthOf(b) - lengthOf(a)));
  }
  const longest = pieces.reduce(
    (best, piece) => (lengthOf(piece[0]) > lengthOf(best[0]) ? piece : best),
    pieces[0] ?? [],
  );
  const [first] = pieces;
  if (first) [first[0], longest[0]] = [longest[0] as number, first[0] as number];
  return Int32Array.from(pieces.flat());
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
