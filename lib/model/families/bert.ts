/** BERT, RoBERTa and XLM-RoBERTa. */
import type { Family, LayerPaths } from "./family";

export const BERT_LAYER: LayerPaths = {
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attentionOutput: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  intermediate: "intermediate.dense",
  output: "output.dense",
  outputNorm: "output.LayerNorm",
};

/** Devlin et al., 2019; its head reads the pooler, a layer of the encoder. */
export const BERT: Family = {
  className: "BertForSequenceClassification",
  library: "transformers.models.bert.modeling_bert",
  prefix: "bert",
  layers: "bert.encoder.layer",
  layer: BERT_LAYER,
  positions: "from zero",
  head: { first: "bert.pooler.dense", second: "classifier", activation: "tanh", dropoutFirst: false },
  defaultTargets: ["query", "value"],
  defaults: {},
};

/** Liu et al., 2019. */
export const ROBERTA: Family = {
  className: "RobertaForSequenceClassification",
  library: "transformers.models.roberta.modeling_roberta",
  prefix: "roberta",
  layers: "roberta.encoder.layer",
  layer: BERT_LAYER,
  positions: "after padding",
  head: { first: "classifier.dense", second: "classifier.out_proj", activation: "tanh", dropoutFirst: true },
  defaultTargets: ["query", "value"],
  defaults: { vocabSize: 50265, padTokenId: 1 },
};

/** Conneau et al., 2020. */
export const XLM_ROBERTA: Family = {
  ...ROBERTA,
  className: "XLMRobertaForSequenceClassification",
  library: "transformers.models.xlm_roberta.modeling_xlm_roberta",
  defaults: { padTokenId: 1 },
};
