/**
 * torch's CPU generator: MT19937 with 32-bit seeding, and the draws that are made from it.
 * Row order and LoRA's first weights come from here, equal to those of Python for the same seed.
 */
const SIZE = 624;
const SHIFT = 397;

/** MT19937 (Matsumoto and Nishimura, 1998) as `torch.Generator` seeds it. */
export class Mt19937 {
  readonly #state = new Uint32Array(SIZE);
  #position = SIZE;
  #leftNormal: number | undefined;

  /** @param seed an integer; only its low 32 bits are used, as in torch */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`\`seed\`: expected an integer, got ${seed}.`);
    this.#state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
    for (let i = 1; i < SIZE; i++) {
      const before = this.#at(i - 1) ^ (this.#at(i - 1) >>> 30);
      this.#state[i] = Math.imul(1812433253, before) + i;
    }
  }

  #at(index: number): number {
    return this.#state[index] as number;
  }

  #refill(): void {
    for (let i = 0; i < SIZE; i++) {
      const y = (this.#at(i) & 0x80000000) | (this.#at((i + 1) % SIZE) & 0x7fffffff);
      this.#state[i] = this.#at((i + SHIFT) % SIZE) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }

  /** The next draw, an integer in [0, 2³²). */
  next32(): number {
    if (this.#position === SIZE) this.#refill();
    let y = this.#at(this.#position++);
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A permutation of 0…n−1, as `torch.randperm(n)` draws it (n below 2³² / 20). */
  randperm(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.next32() % (n - i));
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }

  /** `count` float32 draws, uniform in [from, to), as `Tensor.uniform_` makes them. */
  uniform(count: number, from: number, to: number): Float32Array {
    const low = Math.fround(from);
    const width = Math.fround(Math.fround(to) - low);
    return Float32Array.from({ length: count }, () =>
      Math.fround(Math.fround(((this.next32() & 0xffffff) / 0x1000000) * width) + low),
    );
  }

  /** `count` float32 draws of a normal distribution around 0 (Box and Muller's method; not torch's draws). */
  normal(count: number, deviation: number): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * Math.log((this.next32() + 1) / 0x100000000));
      return deviation * radius * Math.cos((2 * Math.PI * this.next32()) / 0x100000000);
    });
  }

  /**
   * `count` float32 draws of a normal distribution around 0, as `Tensor.normal_` makes them but for the last places:
   * Box and Muller's method over halves of 16 draws, or over pairs where there are fewer than 16.
   */
  torchNormal(count: number, deviation: number): Float32Array {
    if (count < 16) return Float32Array.from({ length: count }, () => deviation * this.#nextNormal());
    const draws = this.uniform(count, 0, 1);
    const transform = (start: number): void => {
      for (let i = start; i < start + 8; i++) {
        const radius = Math.sqrt(-2 * Math.log(1 - (draws[i] as number)));
        const angle = 2 * Math.PI * (draws[i + 8] as number);
        draws[i] = deviation * radius * Math.cos(angle);
        draws[i + 8] = deviation * radius * Math.sin(angle);
      }
    };
    for (let start = 0; start + 16 <= count; start += 16) transform(start);
    if (count % 16 !== 0) {
      // As in torch, the last 16 values are drawn again, some of them over finished ones.
      draws.set(this.uniform(16, 0, 1), count - 16);
      transform(count - 16);
    }
    return draws;
  }

  /** One draw of the standard normal distribution; they are made in pairs, the second kept for the next call. */
  #nextNormal(): number {
    const left = this.#leftNormal;
    this.#leftNormal = undefined;
    if (left !== undefined) return left;
    const angle = 2 * Math.PI * this.#nextDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#nextDouble()));
    this.#leftNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Uniform in [0, 1), with 53 random bits. */
  #nextDouble(): number {
    const high = this.next32() & 0x1fffff;
    return (high * 0x100000000 + this.next32()) / 2 ** 53;
  }
}
