/**
 * AdamW with 8-bit state (Dettmers et al., 2022, as bitsandbytes' GPU kernel does it): both moments are held as one byte an
 * element, an index into a table of 256 values, and one float32 a block, the block's largest value.
 */
import { gather, upperBound } from "../../tensor/raw-math";
import { castUint8, toUint8 } from "../../tensor/raw-op";
import { type Tensor, type Tensor1D, tf } from "../../tensor/tensorflow";
import {
  type AdamOptions,
  type AdamStep,
  bitsandbytesMove,
  nextMoments,
  type UpdateRule,
  withFloat32Betas,
} from "./adamw";

/** Smaller tensors keep 32-bit state. */
export const MIN_8BIT_SIZE = 4096;

/** Codes and block maxima of one moment. */
interface Quantized {
  /** uint8. [elements] */
  codes: Tensor;
  /** [blocks] */
  absmax: Tensor;
}

/**
 * The 256 values that codes stand for, ascending ("dynamic tree" quantization).
 *
 * @param signed true for the first moment, false for the second, which is never negative
 */
export function dynamicMap(signed: boolean): Float32Array {
  const values = [0, 1];
  for (let i = 0; i < 7; i++) {
    const parts = 2 ** (signed ? i : i + 1);
    // float32 throughout, as the reference builds it.
    const borders = linspace(0.1, 1, parts + 1);
    for (let k = 0; k < parts; k++) {
      const middle = Math.fround(Math.fround((borders[k] as number) + (borders[k + 1] as number)) / 2);
      const value = Math.fround(Math.fround(10 ** (i - 6)) * middle);
      values.push(value);
      if (signed) values.push(-value);
    }
  }
  return Float32Array.from(values).sort();
}

/** torch.linspace in float32: from both ends towards the middle, product and sum rounded together. */
function linspace(from: number, to: number, count: number): number[] {
  const [first, last] = [Math.fround(from), Math.fround(to)];
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Array.from({ length: count }, (_, i) =>
    i < count / 2 ? Math.fround(first + step * i) : Math.fround(last - step * (count - 1 - i)),
  );
}

/** The values between neighbouring codes: a number's code is how many of them it reaches. */
function codeBorders(map: Float32Array): Float32Array {
  const borders = new Float32Array(255);
  for (let i = 0; i < 255; i++) borders[i] = ((map[i] as number) + (map[i + 1] as number)) / 2;
  // A negative first moment never becomes 0: the border between the last negative value and 0 is 0 itself.
  const zero = map.indexOf(0);
  if (zero > 0) borders[zero - 1] = 0;
  return borders;
}

/** A table of values and its borders, on the device. */
interface Codebook {
  map: Tensor1D;
  borders: Tensor1D;
}

/** AdamW's update with moments in one byte an element. */
export class AdamW8bitRule implements UpdateRule {
  state: Record<string, Tensor>;
  private readonly books: [Codebook, Codebook];
  private readonly options: AdamOptions;

  /**
   * @param size elements of the vector
   * @param blockSize elements that share a block maximum; the last block may be partial
   */
  constructor(
    private readonly size: number,
    options: AdamOptions,
    private readonly blockSize: number,
  ) {
    this.options = withFloat32Betas(options);
    const book = (signed: boolean): Codebook => {
      const map = dynamicMap(signed);
      return { map: tf.keep(tf.tensor1d(map)), borders: tf.keep(tf.tensor1d(codeBorders(map))) };
    };
    this.books = [book(true), book(false)];
    const zero = (): Quantized => {
      const codes = tf.tidy(() => tf.keep(toUint8(tf.zeros([size], "int32"))));
      return { codes, absmax: tf.keep(tf.zeros([Math.ceil(size / blockSize)])) };
    };
    this.state = named(zero(), zero());
  }

  update(parameters: Tensor, gradients: Tensor, step: AdamStep): Tensor {
    const [signed, unsigned] = this.books;
    const { state1, absmax1, state2, absmax2 } = this.state as Record<string, Tensor>;
    const result = tf.tidy(() => {
      const before1 = this.decode({ codes: state1 as Tensor, absmax: absmax1 as Tensor }, signed);
      const before2 = this.decode({ codes: state2 as Tensor, absmax: absmax2 as Tensor }, unsigned);
      const finite = tf.isFinite(gradients);
      const keepFinite = (x: Tensor): Tensor => tf.where(finite, x, tf.zerosLike(x));
      const next = nextMoments(before1, before2, gradients, this.options);
      const [m, v] = [keepFinite(next.m), keepFinite(next.v)];
      const after = tf.where(finite, bitsandbytesMove(parameters, m, v, this.options, step), parameters);
      return { after, ...named(this.encode(m, signed), this.encode(v, unsigned)) };
    });
    const { after, ...state } = result as Record<string, Tensor> & { after: Tensor };
    tf.dispose(this.state);
    this.state = state;
    for (const tensor of Object.values(state)) tf.keep(tensor);
    return after;
  }

  dispose(): void {
    tf.dispose([...Object.values(this.state), ...this.books.flatMap(({ map, borders }) => [map, borders])]);
  }

  /** Bytes → float32. [elements] */
  private decode({ codes, absmax }: Quantized, book: Codebook): Tensor {
    const values = gather<Tensor1D>(book.map, castUint8(codes));
    return this.unblocked(tf.mul(this.blocked(values), tf.expandDims(absmax, 1)));
  }

  /** float32 → bytes. */
  private encode(values: Tensor, book: Codebook): Quantized {
    const blocks = this.blocked(values);
    const absmax = tf.max(tf.abs(blocks), 1); // [blocks]
    const divisor = tf.expandDims(tf.where(tf.equal(absmax, 0), tf.onesLike(absmax), absmax), 1);
    const codes = upperBound(book.borders, this.unblocked(tf.div(blocks, divisor)));
    return { codes: toUint8(codes), absmax };
  }

  /** [elements] → [blocks, blockSize], the last block filled with zeros */
  private blocked(x: Tensor): Tensor {
    const missing = Math.ceil(this.size / this.blockSize) * this.blockSize - this.size;
    return tf.reshape(missing === 0 ? x : tf.pad(x, [[0, missing]]), [-1, this.blockSize]);
  }

  /** [blocks, blockSize] → [elements] */
  private unblocked(x: Tensor): Tensor {
    return tf.slice(tf.reshape(x, [-1]), [0], [this.size]);
  }
}

/** The state under bitsandbytes' names. */
function named(first: Quantized, second: Quantized): Record<string, Tensor> {
  return { state1: first.codes, absmax1: first.absmax, state2: second.codes, absmax2: second.absmax };
}
