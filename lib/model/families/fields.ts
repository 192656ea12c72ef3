/** The numbers of a config, with BERT's values for what config.json leaves out. */

/** Numeric fields with their defaults (those of Hugging Face's config classes). */
export const DEFAULTS = {
  vocabSize: 30522,
  embeddingSize: Number.NaN,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numHiddenGroups: 1,
  innerGroupNum: 1,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  relativeAttentionNumBuckets: 0,
  layerNormEps: 1e-12,
  padTokenId: 0,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  classifierDropout: Number.NaN,
  initializerRange: 0.02,
};

/** A numeric field of a config. */
export type ConfigField = keyof typeof DEFAULTS;
