/** ELECTRA (Clark et al., 2020): BERT with narrower embeddings, and GELU in the head. */
import { BERT_LAYER } from "./bert";
import type { Family } from "./family";

export const ELECTRA: Family = {
  className: "ElectraForSequenceClassification",
  library: "transformers.models.electra.modeling_electra",
  prefix: "electra",
  layers: "electra.encoder.layer",
  layer: BERT_LAYER,
  positions: "from zero",
  head: { first: "classifier.dense", second: "classifier.out_proj", activation: "gelu", dropoutFirst: true },
  defaultTargets: ["query", "value"],
  defaults: { embeddingSize: 128, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024 },
  projection: { path: "electra.embeddings_project", always: false },
};
