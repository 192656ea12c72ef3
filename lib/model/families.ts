/**
 * The supported kinds of encoders. One network serves all; they differ in names, in how positions are counted and in the head.
 */

/** How positions are counted: RoBERTa starts behind the padding id and skips padding, BERT takes the place in the row. */
export type PositionRule = "after padding" | "from zero";

/** Paths of a layer's parts, below the layer's own path. */
export interface LayerPaths {
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  attentionNorm: string;
  intermediate: string;
  output: string;
  outputNorm: string;
}

/** What distinguishes one kind of model. */
export interface Family {
  /** Hugging Face's class of the classifier. */
  className: string;
  /** Its module in the Python library, as adapters record it. */
  library: string;
  /** First part of the encoder's names. */
  prefix: string;
  /** What the layers' paths start with, before their number. */
  layers: string;
  layer: LayerPaths;
  positions: PositionRule;
  /** Two linear layers over each row's first token, with an activation between them. */
  head: {
    first: string;
    second: string;
    activation: "tanh" | "relu";
    /** Whether dropout also comes before the first. */
    dropoutFirst: boolean;
  };
  /** Layers that PEFT adapts when none are named. */
  defaultTargets: readonly string[];
}

const BERT_LAYER: LayerPaths = {
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attentionOutput: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  intermediate: "intermediate.dense",
  output: "output.dense",
  outputNorm: "output.LayerNorm",
};

const ROBERTA: Family = {
  className: "RobertaForSequenceClassification",
  library: "transformers.models.roberta.modeling_roberta",
  prefix: "roberta",
  layers: "roberta.encoder.layer",
  layer: BERT_LAYER,
  positions: "after padding",
  head: { first: "classifier.dense", second: "classifier.out_proj", activation: "tanh", dropoutFirst: true },
  defaultTargets: ["query", "value"],
};

/** The supported kinds, by config.json's `model_type`. */
export const FAMILIES = {
  /** Liu et al., 2019 */
  roberta: ROBERTA,
  /** Conneau et al., 2020 */
  "xlm-roberta": {
    ...ROBERTA,
    className: "XLMRobertaForSequenceClassification",
    library: "transformers.models.xlm_roberta.modeling_xlm_roberta",
  },
  /** Devlin et al., 2019; its head reads the pooler, a layer of the encoder */
  bert: {
    ...ROBERTA,
    className: "BertForSequenceClassification",
    library: "transformers.models.bert.modeling_bert",
    prefix: "bert",
    layers: "bert.encoder.layer",
    positions: "from zero",
    head: { first: "bert.pooler.dense", second: "classifier", activation: "tanh", dropoutFirst: false },
  },
  /** Sanh et al., 2019; no token types */
  distilbert: {
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
  },
} as const satisfies Record<string, Family>;

/** A supported `model_type`. */
export type ModelType = keyof typeof FAMILIES;
