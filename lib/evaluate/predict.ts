/** Predictions for many rows, without gradients. */
import { tokenBudgetPacks } from "../data/order";
import type { TokenizedRow } from "../data/rows";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { Classifier } from "../model/classifier";
import type { ModelConfig } from "../model/config";
import type { WorkerGroup } from "../parallel/group";
import { EvaluationStopped, interruptible, nextTurn } from "../process/interrupt";
import { forwardRows } from "./forward-rows";
import { argmax, sigmoid, softmax } from "./metrics";

/** Options of {@link predictLogits}. */
export interface PredictOptions {
  /** Batch size: a pass has at most as many tokens as this many of the longest rows. */
  rows: number;
  /** Called after each pass with the number of rows done. */
  onProgress?: (done: number) => void | Promise<void>;
  /** Stops the prediction after the current pass when aborted, as SIGINT does. */
  signal?: AbortSignal;
  /** Workers that share out the passes, all of which get all logits (default none). */
  group?: WorkerGroup | undefined;
}

/** The columns that a forward pass reads. */
type PredictableRow = Pick<TokenizedRow, "inputIds" | "tokenTypeIds" | "textLengths">;

/**
 * Logits of rows, in their order. Rows of similar length are computed together, which changes nothing in the result.
 *
 * @param rows token ids of each row
 * @throws {EvaluationStopped} SIGINT or `options.signal` stopped it
 */
export function predictLogits(
  model: Classifier,
  rows: readonly PredictableRow[],
  options: PredictOptions,
): Promise<Float32Array[]> {
  return interruptible((signal) => predictPacks(model, rows, { ...options, signal }), options.signal);
}

async function predictPacks(
  model: Classifier,
  rows: readonly PredictableRow[],
  options: PredictOptions,
): Promise<Float32Array[]> {
  const lengths = rows.map(({ inputIds }) => inputIds.length);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const result = new Array<Float32Array>(rows.length);
  const { size, index: own } = options.group ?? { size: 1, index: 0 };
  let done = 0;
  for (const [number, pack] of [...tokenBudgetPacks(lengths, options.rows * longest)].entries()) {
    if (number % size !== own) continue;
    const logits = forwardRows(
      model,
      pack.map((index) => rows[index] as TokenizedRow),
    );
    const values = await logits.array();
    logits.dispose();
    pack.forEach((index, i) => {
      result[index] = Float32Array.from(values[i] as number[]);
    });
    // Of several workers each tells for all.
    done = Math.min(done + pack.length * size, rows.length);
    await options.onProgress?.(done);
    await nextTurn();
    if (options.signal?.aborted && done < rows.length) break;
  }
  const isStopped = Int32Array.of(options.signal?.aborted && done < rows.length ? 1 : 0);
  await options.group?.sum(isStopped);
  if (isStopped[0] !== 0) throw new EvaluationStopped(`Evaluation stopped after ${done} of ${rows.length} rows.`);
  return options.group ? gather(result, model.config.id2label.length, options.group) : result;
}

/** Logits of all workers. @param rows those of this worker; the others' are empty */
async function gather(rows: readonly Float32Array[], labels: number, group: WorkerGroup): Promise<Float32Array[]> {
  const all = new Float32Array(rows.length * labels);
  for (let row = 0; row < rows.length; row++) all.set(rows[row] ?? [], row * labels);
  await group.sum(all);
  return Array.from(rows, (_, row) => all.slice(row * labels, (row + 1) * labels));
}

/** The answer to one text. */
export interface Classification {
  /** Name of the label with the highest score. */
  label: string;
  /** Its probability; of a regression, the value itself. */
  score: number;
  /** Scores of all labels, with the sum 1; of a model with several labels a text, independent probabilities. */
  probabilities: number[];
}

/** Input of a model: a text or a pair of texts. */
export type Text = string | readonly [string, string];

/**
 * Classifies texts, or pairs of them, as transformers' text-classification pipeline does.
 *
 * @example
 * ```ts
 * import { AutoModelForSequenceClassification, AutoTokenizer, classify } from "ethics-for-robots";
 *
 * const tokenizer = await AutoTokenizer.fromPretrained("data/demo/model");
 * const model = await AutoModelForSequenceClassification.fromPretrained("data/demo/model");
 * const [answer] = await classify(model, tokenizer, ["I comforted the girl."]);
 * console.log(answer.label, answer.score);
 * ```
 * @throws {RangeError} an answer of the model is not finite
 */
export async function classify(
  model: Classifier,
  tokenizer: Tokenizer,
  texts: string | readonly Text[],
): Promise<Classification[]> {
  const rows = [texts].flat().map((text) => {
    const [first, textPair = ""] = typeof text === "string" ? [text] : text;
    const { inputIds, tokenTypeIds } = tokenizer(first, { textPair, truncation: true });
    return { inputIds: inputIds[0] as number[], tokenTypeIds: tokenTypeIds?.[0] };
  });
  const logits = await predictLogits(model, rows, { rows: 8 });
  return logits.map((row, i) => {
    if (!row.every(Number.isFinite)) {
      const text = JSON.stringify([texts].flat()[i]).slice(0, 120);
      throw new RangeError(
        `the answer to ${text}: expected finite numbers, got ${row.join(", ")}. The model's weights are broken.`,
      );
    }
    const probabilities = scoresOf(row, model.config);
    const best = argmax(probabilities);
    return { label: model.config.id2label[best] as string, score: probabilities[best] as number, probabilities };
  });
}

/** As in the pipeline, a model with one output and no `problem_type` gets a sigmoid. */
function scoresOf(logits: Float32Array, { problemType, id2label }: ModelConfig): number[] {
  if (problemType === "regression") return [...logits];
  return problemType === "multi_label_classification" || id2label.length === 1 ? sigmoid(logits) : softmax(logits);
}
