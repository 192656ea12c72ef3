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
  const again = init === "gaussian" ? generator.torchNormal(a.length, 1 / rank) : uniform(a.length, inFeatures);
  return { a: again, b: b.fill(0), bias: bias?.fill(0) };
}
