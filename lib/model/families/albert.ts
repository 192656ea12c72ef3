/** ALBERT (Lan et al., 2020): narrower embeddings, and layers that share their weights. */
import type { Family } from "./family";

export const ALBERT: Family = {
  className: "AlbertForSequenceClassification",
  library: "transformers.models.albert.modeling_albert",
  prefix: "albert",
  layers: "albert.encoder.albert_layer_groups",
  layer: {
    query: "attention.query",
    key: "attention.key",
    value: "attention.value",
    attentionOutput: "attention.dense",
    attentionNorm: "attention.LayerNorm",
    intermediate: "ffn",
    output: "ffn_output",
    outputNorm: "full_layer_layer_norm",
  },
  positions: "from zero",
  head: { first: "albert.pooler", second: "classifier", activation: "tanh", dropoutFirst: false },
  defaultTargets: [],
  defaults: {
    vocabSize: 30000,
    embeddingSize: 128,
    hiddenSize: 4096,
    numAttentionHeads: 64,
    intermediateSize: 16384,
    numHiddenGroups: 1,
    innerGroupNum: 1,
    hiddenDropoutProb: 0,
    attentionProbsDropoutProb: 0,
    classifierDropout: 0.1,
  },
  names: { classifierDropout: "classifier_dropout_prob" },
  hiddenAct: "gelu_new",
  projection: { path: "albert.encoder.embedding_hidden_mapping_in", always: true },
  grouped: true,
};
