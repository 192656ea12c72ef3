/** First values of an adapter's matrices, drawn as PEFT draws them with torch. Axes: in, out, rank. */
import type { Mt19937 } from "../tensor/random";
import type { LoraConfig } from "./config";

/** Values of A, [rank, in], of B, [out, rank], and of B's bias, [out], where the config wants one. */
export interface FirstValues {
  a: Float32Array;
  b: Float32Array;
  bias: Float32Array | undefined;
}

/** Draws the values of one layer; torch first draws values for all of them and then overwrites some. */
export function firstValues(
  config: LoraConfig,
  sizes: { inFeatures: number; outFeatures: number; rank: number },
  generator: Mt19937,
): FirstValues {
  const { inFeatures, outFeatures, rank } = sizes;
  const init = config.initLoraWeights;
  const uniform = (count: number, width: number): Float32Array =>
    generator.uniform(count, -1 / Math.sqrt(width), 1 / Math.sqrt(width));
  const a = uniform(rank * inFeatures, inFeatures);
  const b = uniform(outFeatures * rank, rank);
  const bias = config.loraBias ? uniform(outFeatures, rank) : undefined;
  if (init === false) return { a, b, bias };
  if (init === "orthogonal") return { ...orthogonal(sizes, generator), bias };
  const again = init === "gaussian" ? generator.torchNormal(a.length, 1 / rank) : uniform(a.length, inFeatures);
  return { a: again, b: b.fill(0), bias: bias?.fill(0) };
}

/** A and B within halves of one space that are at right angles, so that B · A is 0 though neither is. */
function orthogonal(
  { inFeatures, outFeatures, rank }: { inFeatures: number; outFeatures: number; rank: number },
  generator: Mt19937,
): Pick<FirstValues, "a" | "b"> {
  const q = orthonormal(generator.torchNormal(rank * rank, 1), rank);
  const half = rank / 2;
  const forA = generator.torchNormal(inFeatures * half, 1); // [in, rank / 2]
  const forB = generator.torchNormal(half * outFeatures, 1); // [rank / 2, out]
  const a = new Float32Array(rank * inFeatures);
  const b = new Float32Array(outFeatures * rank);
  for (let k = 0; k < half; k++) {
    for (let j = 0; j < rank; j++) {
      const [odd, even] = [q[2 * k * rank + j] as number, q[(2 * k + 1) * rank + j] as number];
      for (let i = 0; i < inFeatures; i++) {
        a[j * inFeatures + i] = (a[j * inFeatures + i] as number) + ((forA[i * half + k] as number) * odd) / 10;
      }
      for (let i = 0; i < outFeatures; i++) {
        b[i * rank + j] = (b[i * rank + j] as number) + ((forB[k * outFeatures + i] as number) * even) / 10;
      }
    }
  }
  return { a, b };
}

/**
 * Q of the QR decomposition of a square matrix by Householder's reflections, with the signs of LAPACK's `geqrf`, which torch
 * uses: the last column is not reflected.
 *
 * @param matrix [size, size], row by row
 */
function orthonormal(matrix: Float32Array, size: number): Float64Array {
  const r = Float64Array.from(matrix);
  const q = new Float64Array(size * size);
  for (let i = 0; i < size; i++) q[i * size + i] = 1;
  for (let k = 0; k < size - 1; k++) {
    const v = Array.from({ length: size }, (_, i) => (i < k ? 0 : (r[i * size + k] as number)));
    const first = v[k] as number;
    v[k] = first + (first < 0 ? -1 : 1) * Math.hypot(...v);
    const square = v.reduce((sum, value) => sum + value * value, 0);
    if (square === 0) continue;
    for (let j = 0; j < size; j++) {
      // R's columns from the left, Q's rows from the right.
      let [left, right] = [0, 0];
      for (let i = k; i < size; i++) {
        left += (v[i] as number) * (r[i * size + j] as number);
        right += (q[j * size + i] as number) * (v[i] as number);
      }
      for (let i = k; i < size; i++) {
        const factor = (2 * (v[i] as number)) / square;
        r[i * size + j] = (r[i * size + j] as number) - factor * left;
        q[j * size + i] = (q[j * size + i] as number) - factor * right;
      }
    }
  }
  return q;
}
