/** Models that are made on the spot. */
import type { JsonObject } from "../../lib/files/json";
import { SequenceClassifier } from "../../lib/model/classifier";

/** A config.json of the smallest model that has everything; dropout is off. */
export const TINY_CONFIG: JsonObject = {
  model_type: "roberta",
  vocab_size: 20,
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 12,
  type_vocab_size: 1,
  layer_norm_eps: 1e-5,
  pad_token_id: 1,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  // Ten times RoBERTa's, so that outputs of so small a model differ visibly.
  initializer_range: 0.2,
};

/** A tiny model with new weights, all of them trained. */
export function tinyModel(changes: JsonObject = {}, seed = 7): SequenceClassifier {
  return SequenceClassifier.fromConfig({ ...TINY_CONFIG, ...changes }, { seed });
}

/** Rows that the tiny model can take. */
export const TINY_ROWS = [
  { inputIds: [0, 5, 6, 2], label: 0 },
  { inputIds: [0, 7, 2], label: 1 },
  { inputIds: [0, 8, 9, 10, 11, 2], label: 1 },
  { inputIds: [0, 12, 13, 2], label: 0 },
  { inputIds: [0, 14, 5, 15, 2], label: 1 },
];

/** {@link TINY_ROWS} as one batch. */
export const TINY_BATCH = { inputIds: TINY_ROWS.map(({ inputIds }) => inputIds) };
