/** Forward passes without gradients over many rows. */
import { tokenBudgetPacks } from "../data/batches";
import type { Tokenizer } from "../data/tokenizer";
import type { Classifier } from "../model/classifier";
import { argmax, softmax } from "./metrics";

/** How rows are predicted. */
export interface PredictOptions {
  /** Most tokens at once: as many as this many of the longest rows have. */
  rows: number;
  /** Is told after each pack how many rows are done. */
  onProgress?: (done: number) => void | Promise<void>;
}

/**
 * Logits of rows, in their order. Rows of similar length are computed together, which changes nothing in the result.
 *
 * @param inputIds token ids of each row
 */
export async function predictLogits(
  model: Classifier,
  inputIds: readonly (readonly number[])[],
  options: PredictOptions,
): Promise<Float32Array[]> {
  const lengths = inputIds.map((ids) => ids.length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const result = new Array<Float32Array>(inputIds.length);
  let done = 0;
  for (const pack of tokenBudgetPacks(lengths, options.rows * longest)) {
    const logits = model.forward({ inputIds: pack.map((index) => inputIds[index] as number[]) });
    const values = await logits.array();
    logits.dispose();
    pack.forEach((index, i) => {
      result[index] = Float32Array.from(values[i] as number[]);
    });
    done += pack.length;
    await options.onProgress?.(done);
    await nextTurn();
  }
  return result;
}

/** Lets timers, messages and signals be handled: the process has one thread. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What the model says of one text. */
export interface Classification {
  /** The likeliest label's name. */
  label: string;
  /** Its probability. */
  score: number;
  /** Probabilities of all labels. */
  probabilities: number[];
}

/** Classifies texts, as transformers' text-classification pipeline does. */
export async function classify(
  model: Classifier,
  tokenizer: Tokenizer,
  texts: string | readonly string[],
): Promise<Classification[]> {
  const { inputIds } = tokenizer(texts, { truncation: true });
  const logits = await predictLogits(model, inputIds, { rows: 8 });
  return logits.map((row) => {
    const probabilities = softmax(row);
    const best = argmax(probabilities);
    return { label: model.config.id2label[best] as string, score: probabilities[best] as number, probabilities };
  });
}
