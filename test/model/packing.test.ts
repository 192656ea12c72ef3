import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batch, type PackingRules, packBatch } from "../../lib/model/packing";

const rules: PackingRules = {
  padTokenId: 1,
  vocabSize: 10,
  maxTokens: 4,
  positions: "after padding",
  typeVocabSize: 2,
};

test("rows are packed one after the other, without padding, with positions from padding id + 1", () => {
  const packed = packBatch(
    {
      inputIds: [
        [0, 5, 2, 1],
        [0, 2, 1, 1],
      ],
      attentionMask: [
        [1, 1, 1, 0],
        [1, 1, 0, 0],
      ],
    },
    rules,
  );
  assert.deepEqual([...packed.ids], [0, 5, 2, 0, 2]);
  assert.deepEqual([...packed.positions], [2, 3, 4, 2, 3]);
  assert.deepEqual(packed.sequences, [
    { start: 0, length: 3, hidden: 0 },
    { start: 3, length: 2, hidden: 0 },
  ]);
});

test("a row with padding in front keeps its first token, hidden from the others", () => {
  const packed = packBatch({ inputIds: [[1, 1, 0, 2]], attentionMask: [[0, 0, 1, 1]] }, rules);
  assert.deepEqual([...packed.ids], [1, 0, 2]);
  assert.deepEqual([...packed.positions], [1, 2, 3]);
  assert.deepEqual(packed.sequences, [{ start: 0, length: 3, hidden: 1 }]);
});

test("positions count real tokens whatever the mask hides", () => {
  const packed = packBatch({ inputIds: [[0, 5, 6, 2]], attentionMask: [[1, 0, 1, 1]] }, rules);
  assert.deepEqual([...packed.positions], [2, 4, 5]);
});

test("padding tokens beyond the longest row are no reason to refuse it", () => {
  const packed = packBatch({ inputIds: [[0, 5, 2, 1, 1, 1]], attentionMask: [[1, 1, 1, 0, 0, 0]] }, rules);
  assert.equal(packed.ids.length, 3);
});

test("where positions are places in the row, padding in front moves them and token types stay with their tokens", () => {
  const batch = {
    inputIds: [
      [1, 1, 0, 2],
      [0, 5, 2, 1],
    ],
    attentionMask: [
      [0, 0, 1, 1],
      [1, 1, 1, 0],
    ],
    tokenTypeIds: [
      [0, 0, 0, 1],
      [0, 1, 1, 0],
    ],
  };
  const packed = packBatch(batch, { ...rules, positions: "from zero" });
  assert.deepEqual([...packed.ids], [1, 0, 2, 0, 5, 2]);
  assert.deepEqual([...packed.positions], [0, 2, 3, 0, 1, 2]);
  assert.deepEqual([...packed.types], [0, 0, 1, 0, 1, 1]);
});

const refused: [string, Batch, RegExp][] = [
  [
    "token types that the model does not have",
    { inputIds: [[0, 2]], tokenTypeIds: [[0, 2]] },
    /`tokenTypeIds`: expected 2 numbers below 2, got 0, 2/,
  ],
  [
    "token types of another length",
    { inputIds: [[0, 2]], tokenTypeIds: [[0]] },
    /`tokenTypeIds`: expected 2 numbers below 2, got 0/,
  ],
  ["no token", { inputIds: [[0, 2], []] }, /^row 1 of the batch: expected at least one token, got none/],
  [
    "too many tokens",
    { inputIds: [[0, 5, 5, 5, 2]] },
    /row 0 of the batch: expected at most 4 tokens, got 5\. Tokenize with/,
  ],
  [
    "an id outside the vocabulary",
    { inputIds: [[0, 10]] },
    /expected token ids below 10, got 10\. Do model and tokenizer/,
  ],
  ["an id that is no integer", { inputIds: [[0, 2.5]] }, /expected token ids below 10, got 2\.5/],
  [
    "a mask of another length",
    { inputIds: [[0, 2]], attentionMask: [[1]] },
    /^row 0 of the batch: `attentionMask`: expected 2 entries, one for each token, got 1\.$/,
  ],
  [
    "a mask of zeros",
    { inputIds: [[0, 2]], attentionMask: [[0, 0]] },
    /^row 0 of the batch: `attentionMask`: expected at least one 1, got 2 zeros\.$/,
  ],
  [
    "a mask of other numbers",
    { inputIds: [[0, 2]], attentionMask: [[1, 0.5]] },
    /`attentionMask`: expected 0 or 1, got 0\.5\.$/,
  ],
  [
    "token types that are no integers",
    { inputIds: [[0, 2]], tokenTypeIds: [[0, 0.5]] },
    /`tokenTypeIds`: expected 2 numbers below 2, got 0, 0\.5/,
  ],
];

const miscounted: [string, Batch, RegExp][] = [
  ["without rows", { inputIds: [] }, /^`inputIds`: expected at least one row, got none\.$/],
  [
    "with masks for some of its rows",
    { inputIds: [[0, 2], [0]], attentionMask: [[1, 1]] },
    /^`attentionMask`: expected 2 rows, as many as `inputIds` has, got 1\.$/,
  ],
  [
    "with token types for some of its rows",
    { inputIds: [[0, 2], [0]], tokenTypeIds: [[0, 1]] },
    /^`tokenTypeIds`: expected 2 rows, as many as `inputIds` has, got 1\.$/,
  ],
];

for (const [what, batch, message] of miscounted) {
  test(`a batch ${what} is refused`, () => {
    assert.throws(() => packBatch(batch, rules), { name: "RangeError", message });
  });
}

for (const [what, batch, message] of refused) {
  test(`a row with ${what} is refused`, () => {
    assert.throws(() => packBatch(batch, rules), { name: "RangeError", message });
  });
}
