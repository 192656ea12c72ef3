/**
 * MPNet (Song et al., 2020): RoBERTa without token types; attention adds a bias by the distance of two tokens. Its id of
 * padding is fixed, and so is the number of distances that it tells apart.
 */
import type { Family } from "./family";

export const MPNET: Family = {
  className: "MPNetForSequenceClassification",
  library: "transformers.models.mpnet.modeling_mpnet",
  prefix: "mpnet",
  layers: "mpnet.encoder.layer",
  layer: {
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    attentionOutput: "attention.attn.o",
    attentionNorm: "attention.LayerNorm",
    intermediate: "intermediate.dense",
    output: "output.dense",
    outputNorm: "output.LayerNorm",
  },
  positions: "after padding",
  head: { first: "classifier.dense", second: "classifier.out_proj", activation: "tanh", dropoutFirst: true },
  defaultTargets: [],
  defaults: { vocabSize: 30527, padTokenId: 1, typeVocabSize: 0, relativeAttentionNumBuckets: 32 },
  names: { padTokenId: "", typeVocabSize: "", classifierDropout: "" },
  relativeBias: "mpnet.encoder.relative_attention_bias.weight",
};

/** Distances that have a bias of their own, both directions together; farther ones share on a logarithmic scale. */
export const DISTANCE_BUCKETS = 32;
const FARTHEST = 128;

/** Row of the table of biases for a distance, key less query, as T5 counts them (Raffel et al., 2020). */
export function distanceBucket(distance: number): number {
  const half = DISTANCE_BUCKETS / 2;
  const exact = half / 2;
  const steps = Math.abs(distance);
  // In float32, as Python computes it: the next bucket starts where the logarithm is whole.
  const log = Math.fround(Math.log(Math.fround(steps / exact)));
  const share = Math.fround(Math.fround(log / Math.fround(Math.log(FARTHEST / exact))) * (half - exact));
  const bucket = steps < exact ? steps : Math.min(exact + Math.trunc(share), half - 1);
  return distance > 0 ? half + bucket : bucket;
}
