/** DistilBERT (Sanh et al., 2019): no token types, and its epsilon is fixed. */
import type { Family } from "./family";

export const DISTILBERT: Family = {
  className: "DistilBertForSequenceClassification",
  library: "transformers.models.distilbert.modeling_distilbert",
  prefix: "distilbert",
  layers: "distilbert.transformer.layer",
  layer: {
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attentionOutput: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    outputNorm: "output_layer_norm",
  },
  positions: "from zero",
  head: { first: "pre_classifier", second: "classifier", activation: "relu", dropoutFirst: false },
  defaultTargets: ["q_lin", "v_lin"],
  defaults: { numHiddenLayers: 6, typeVocabSize: 0, classifierDropout: 0.2 },
  names: {
    hiddenSize: "dim",
    numHiddenLayers: "n_layers",
    numAttentionHeads: "n_heads",
    intermediateSize: "hidden_dim",
    typeVocabSize: "",
    layerNormEps: "",
    hiddenDropoutProb: "dropout",
    attentionProbsDropoutProb: "attention_dropout",
    classifierDropout: "seq_classif_dropout",
  },
};
