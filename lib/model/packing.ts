/** Packs a batch: the tokens of all its rows one after the other, without padding. */

import type { PositionRule } from "./families";

/** Rows as a tokenizer gives them; they may differ in length or be padded, then with a mask. */
export interface Batch {
  /** Token ids of each row. */
  inputIds: readonly (readonly number[])[];
  /** 1 for tokens that count, 0 for padding; all 1 when absent. */
  attentionMask?: readonly (readonly number[])[];
  /** Which of two texts each token belongs to; all 0 when absent. */
  tokenTypeIds?: readonly (readonly number[])[];
}

/** One row's place among the packed tokens. */
export interface Sequence {
  /** Index of its first token. */
  start: number;
  /** Number of its tokens. */
  length: number;
  /** Leading tokens that nothing attends to: 1 when the row starts with padding, else 0. */
  hidden: number;
}

/** The rows of a batch, packed. */
export interface PackedBatch {
  /** Token ids. [tokens] */
  ids: Int32Array;
  /** Rows of the position table. [tokens] */
  positions: Int32Array;
  /** Token types. [tokens] */
  types: Int32Array;
  /** Places in the rows, padding counted. [tokens] */
  places: Int32Array;
  sequences: Sequence[];
}

/** Properties of the model that packing depends on. */
export interface PackingRules {
  padTokenId: number;
  vocabSize: number;
  /** Longest row, in tokens. */
  maxTokens: number;
  positions: PositionRule;
  /** Number of token types; 0 where there are none. */
  typeVocabSize: number;
}

/**
 * Drops the padding of a batch and numbers the positions, independently of the mask: RoBERTa's are padding id + running count
 * of the row's non-padding tokens (`create_position_ids_from_input_ids`), BERT's the places in the row.
 *
 * The classifier reads a row's first token even where that is padding, so this one token is always kept.
 *
 * @throws {RangeError} there are no rows; masks or types do not fit the rows; a row is empty, too long or fully masked,
 *   or an id is outside the vocabulary
 */
export function packBatch(batch: Batch, rules: PackingRules): PackedBatch {
  checkRowCounts(batch);
  const ids: number[] = [];
  const positions: number[] = [];
  const types: number[] = [];
  const places: number[] = [];
  const sequences = batch.inputIds.map((row, index) => {
    const mask = batch.attentionMask?.[index];
    checkRow(row, mask, index, rules);
    const rowTypes = batch.tokenTypeIds?.[index];
    checkTypes(rowTypes, row.length, index, rules);
    const start = ids.length;
    let count = 0;
    row.forEach((id, i) => {
      if (id !== rules.padTokenId) count++;
      if (i > 0 && mask?.[i] === 0) return;
      ids.push(id);
      const counted = id === rules.padTokenId ? rules.padTokenId : rules.padTokenId + count;
      positions.push(rules.positions === "from zero" ? i : counted);
      types.push(rowTypes?.[i] ?? 0);
      places.push(i);
    });
    return { start, length: ids.length - start, hidden: mask?.[0] === 0 ? 1 : 0 };
  });
  const packed = (list: number[]): Int32Array => Int32Array.from(list);
  return { ids: packed(ids), positions: packed(positions), types: packed(types), places: packed(places), sequences };
}

function checkRowCounts({ inputIds, attentionMask, tokenTypeIds }: Batch): void {
  const rows = inputIds.length;
  if (rows === 0) throw new RangeError("`inputIds`: expected at least one row, got none.");
  for (const [name, list] of Object.entries({ attentionMask, tokenTypeIds })) {
    if (list !== undefined && list.length !== rows) {
      throw new RangeError(`\`${name}\`: expected ${rows} rows, as many as \`inputIds\` has, got ${list.length}.`);
    }
  }
}

function checkRow(
  row: readonly number[],
  mask: readonly number[] | undefined,
  index: number,
  rules: PackingRules,
): void {
  const fail = (problem: string): never => {
    throw new RangeError(`row ${index} of the batch: ${problem}`);
  };
  if (row.length === 0) fail("expected at least one token, got none.");
  if (mask !== undefined) {
    if (mask.length !== row.length) {
      fail(`\`attentionMask\`: expected ${row.length} entries, one for each token, got ${mask.length}.`);
    }
    const other = mask.find((entry) => entry !== 0 && entry !== 1);
    if (other !== undefined) fail(`\`attentionMask\`: expected 0 or 1, got ${other}.`);
    if (!mask.includes(1)) fail(`\`attentionMask\`: expected at least one 1, got ${row.length} zeros.`);
  }
  const counted = rules.positions === "from zero" ? row : row.filter((id) => id !== rules.padTokenId);
  if (counted.length > rules.maxTokens) {
    fail(`expected at most ${rules.maxTokens} tokens, got ${row.length}. Tokenize with { truncation: true }.`);
  }
  const bad = row.find((id) => !(Number.isInteger(id) && id >= 0 && id < rules.vocabSize));
  if (bad !== undefined) {
    fail(`expected token ids below ${rules.vocabSize}, got ${bad}. Do model and tokenizer belong together?`);
  }
}

function checkTypes(types: readonly number[] | undefined, length: number, index: number, rules: PackingRules): void {
  if (types === undefined || rules.typeVocabSize === 0) return;
  const good = (type: number): boolean => Number.isInteger(type) && type >= 0 && type < rules.typeVocabSize;
  if (types.length !== length || !types.every(good)) {
    throw new RangeError(
      `row ${index} of the batch: \`tokenTypeIds\`: expected ${length} numbers below ${rules.typeVocabSize}, got ${types.join(", ").slice(0, 60)}.`,
    );
  }
}
