/** What one kind of encoder is made of, as far as kinds differ. One network serves all. */
import type { ConfigField } from "./fields";

/** How positions are counted: RoBERTa starts behind the padding id and skips padding, BERT takes the place in the row. */
export type PositionRule = "after padding" | "from zero";

/** Activation between the two matrices of a layer, by its name in config.json. */
export type HiddenAct = "gelu" | "gelu_new";

/** Activation of the head. */
export type HeadActivation = "tanh" | "relu" | "gelu";

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
    activation: HeadActivation;
    /** Whether dropout also comes before the first. */
    dropoutFirst: boolean;
  };
  /** Layers that PEFT adapts when none are named; none where PEFT wants them named. */
  defaultTargets: readonly string[];
  /** Defaults of its config class that are not BERT's. A size that BERT lacks is read only where it stands here. */
  defaults: Readonly<Partial<Record<ConfigField, number>>>;
  /** Names in its config.json that are not BERT's; "" for a field that it lacks, whose value is the default. */
  names?: Readonly<Partial<Record<ConfigField, string>>>;
  /** Its config class's `hidden_act` (default "gelu"). */
  hiddenAct?: HiddenAct;
  /** The linear layer from the embeddings' width to the layers', and whether it is there when both are equal. */
  projection?: { path: string; always: boolean };
  /** Whether layers share weights by groups, as ALBERT's do (`num_hidden_groups`, `inner_group_num`). */
  grouped?: boolean;
  /** The table of biases that attention adds to its scores by the distance of two tokens, [buckets, heads]. */
  relativeBias?: string;
}
