import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import type { LabelKind } from "../../lib/data/labels";
import { toBatch, tokenizedRows } from "../../lib/data/rows";

test("rows that a model cannot take are refused with their number", () => {
  const rows = (row: object): unknown =>
    tokenizedRows(Dataset.fromRows([{ inputIds: [0, 2], label: 1 }, { ...row }]), 2);
  assert.throws(() => rows({ label: 1 }), {
    name: "RangeError",
    message: "row 1, `inputIds`: expected token ids, got none. Tokenize the dataset first.",
  });
  for (const label of [2, -1, 0.5, "1", undefined]) {
    assert.throws(
      () => rows({ inputIds: [0], label }),
      new RegExp(`^RangeError: row 1, \`label\`: expected an integer from 0 to 1, got ${label}\\.$`),
    );
  }
});

test("labels of a regression are numbers, those of several labels a text are lists of 0 and 1", () => {
  const rows = (label: unknown, outputs: number, kind: LabelKind): unknown =>
    tokenizedRows(Dataset.fromRows([{ inputIds: [0, 2], label }]), outputs, kind).map((row) => row.label);
  assert.deepEqual(rows(-1.5, 1, "regression"), [-1.5]);
  assert.deepEqual(rows([0.5, 2], 2, "regression"), [[0.5, 2]]);
  assert.deepEqual(rows([0, 1, 1], 3, "multi_label_classification"), [[0, 1, 1]]);
  const refused: [unknown, number, LabelKind, string][] = [
    [Number.NaN, 1, "regression", "a finite number, got NaN"],
    [[1], 1, "regression", "a finite number, got 1"],
    [[1], 2, "regression", "2 entries, each a finite number, got 1"],
    [1, 2, "multi_label_classification", "2 entries, each 0 or 1, got 1"],
    [[0, 2], 2, "multi_label_classification", "2 entries, each 0 or 1, got 0,2"],
  ];
  for (const [label, outputs, kind, problem] of refused) {
    assert.throws(() => rows(label, outputs, kind), { message: `row 0, \`label\`: expected ${problem}.` });
  }
});

test("token types go into a batch, zeros where a row has none", () => {
  assert.deepEqual(toBatch([{ inputIds: [0, 2] }]), { inputIds: [[0, 2]] });
  assert.deepEqual(toBatch([{ inputIds: [0, 2] }, { inputIds: [0, 5, 2], tokenTypeIds: [0, 1, 1] }]).tokenTypeIds, [
    [0, 0],
    [0, 1, 1],
  ]);
});
