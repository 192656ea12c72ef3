/** Token attributions: gradient × input at the word embeddings. */
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import { PeftModel } from "../lora/peft-model";
import type { SequenceClassifier } from "../model/classifier";
import { Parameter } from "../model/parameters";
import { differentiable, gradientsOf } from "../tensor/autodiff";
import { type Tensor, type Tensor2D, tf } from "../tensor/tensorflow";
import { argmax, softmax } from "./metrics";

/** A token and its contribution to the answer. */
export interface TokenAttribution {
  /** As the tokenizer writes it. */
  text: string;
  /** Whether the tokenizer added it around the text. */
  special: boolean;
  /** Contribution to the answer's logit less the mean of the others: negative where the token speaks against the answer. */
  score: number;
}

/** The label of a text, and each token's contribution to it. */
export interface Attribution {
  text: string;
  /** Name of the label with the highest score. */
  label: string;
  /** Its probability. */
  probability: number;
  tokens: TokenAttribution[];
}

/**
 * Classifies a text and scores each token's contribution: the slope of the answer's logit (less the mean of the others)
 * along the token's word embedding, times that embedding. This is a first-order approximation, not a causal explanation.
 *
 * @throws {RangeError} the model has one output only
 *
 * @example
 * ```ts
 * import { attribute, AutoModelForSequenceClassification, AutoTokenizer, show } from "ethics-for-robots";
 *
 * const tokenizer = await AutoTokenizer.fromPretrained("data/demo/model");
 * const model = await AutoModelForSequenceClassification.fromPretrained("data/demo/model");
 * await show(await attribute(model, tokenizer, "It was a lovely day. I mocked the old man."));
 * ```
 */
export async function attribute(
  model: SequenceClassifier | PeftModel,
  tokenizer: Tokenizer,
  text: string,
): Promise<Attribution> {
  const { id2label } = model.config;
  if (id2label.length < 2) throw new RangeError("`model`: expected two labels or more, got one output.");
  const ids = tokenizer(text, { truncation: true }).inputIds[0] as number[];
  const logits = model.forward({ inputIds: [ids] });
  const probabilities = softmax((await logits.array())[0] as number[]);
  logits.dispose();
  const best = argmax(probabilities);
  const scores = attributionScores(model, ids, best);
  const texts = tokenizer.tokens(ids);
  const isSpecial = (id: number): boolean => tokenizer.decode([id], { skipSpecialTokens: true }) === "";
  const tokens = ids.map((id, i) => ({
    text: texts[i] as string,
    special: isSpecial(id),
    score: scores[i] as number,
  }));
  return { text, label: id2label[best] as string, probability: probabilities[best] as number, tokens };
}

/**
 * Gradient × input of each token of a row.
 *
 * @param label whose logit, less the mean of the others, is differentiated
 */
export function attributionScores(
  model: SequenceClassifier | PeftModel,
  ids: readonly number[],
  label: number,
): number[] {
  const network = model instanceof PeftModel ? model.baseModel : model;
  const { padTokenId, vocabSize, id2label } = model.config;
  const name = `${network.family.prefix}.embeddings.word_embeddings.weight`;
  const former = network.standIns.get(name);
  const table = former ?? network.parameters.get(name);
  if (table === undefined) throw new Error(`\`${name}\`: expected this parameter, got none.`);
  // A small table replaces the model's and has one row per token of the text, so each token gets a gradient of its own.
  // The padding token keeps its id, since it gets no position.
  const first = padTokenId + 1;
  const rowOf = ids.map((id, i) => (id === padTokenId ? padTokenId : first + i));
  if (first + ids.length > vocabSize) {
    throw new RangeError(`\`ids\`: expected at most ${vocabSize - first} tokens, got ${ids.length}.`);
  }
  const rows = [...Array.from({ length: first }, (_, i) => i), ...ids];
  const small = new Parameter(
    name,
    tf.tidy(() => tf.gather(table.value, tf.tensor1d(rows, "int32"))),
    true,
  );
  network.standIns.set(name, small);
  try {
    const { value, gradients } = gradientsOf<Parameter>(() => {
      const logits = model.forward({ inputIds: [rowOf] }) as unknown as Tensor2D;
      const margin = marginOf(logits, label, id2label.length);
      logits.dispose();
      return margin;
    });
    const products = tf.tidy(() => tf.sum(tf.mul(gradients.get(small) as Tensor, small.value), 1).dataSync());
    tf.dispose([value, ...gradients.values()]);
    return rowOf.map((row) => products[row] as number);
  } finally {
    if (former) network.standIns.set(name, former);
    else network.standIns.delete(name);
    small.dispose();
  }
}

/** A label's logit less the mean of the others, a scalar. */
function marginOf(logits: Tensor2D, label: number, labels: number): Tensor {
  return differentiable([logits], {
    forward(save) {
      const weights = tf.tensor2d([Array.from({ length: labels }, (_, i) => (i === label ? 1 : -1 / (labels - 1)))]);
      save?.(weights);
      return tf.sum(tf.mul(logits, weights));
    },
    backward: (dy, [weights]) => [tf.mul(weights as Tensor, dy)],
  });
}
