/** The demo's own use of a seeded generator: whole numbers, picks and shuffles. */
export interface Bits {
  /** The next 32 random bits as a whole number from 0 to 2³² − 1. */
  next32(): number;
}

/** Draws from lists with a seeded generator; the same seed draws the same everywhere. */
export class Draw {
  readonly #bits: Bits;

  constructor(bits: Bits) {
    this.#bits = bits;
  }

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return Math.floor((this.#bits.next32() / 2 ** 32) * limit);
  }

  /** True with the given probability (0 to 1). */
  chance(probability: number): boolean {
    return this.#bits.next32() / 2 ** 32 < probability;
  }

  /** One entry of a list that has at least one. */
  pick<T>(list: readonly T[]): T {
    const entry = list[this.below(list.length)];
    if (entry === undefined) throw new Error("`list`: expected at least one entry, got none.");
    return entry;
  }

  /** A new list with the same entries in random order. */
  shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((entry) => ({ entry, key: this.#bits.next32() }));
    keyed.sort((a, b) => a.key - b.key);
    return keyed.map(({ entry }) => entry);
  }
}
