import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import type { LabelKind } from "../../lib/data/labels";
import {
  epochOrder,
  toBatch,
  tokenBudgetPacks,
  tokenizeDataset,
  tokenizedRows,
  tokenizeRanking,
} from "../../lib/data/rows";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { temporaryFolder } from "../support/folders";
import { fixture, readFixture } from "../support/golden";

test("rows are read in the order of the reference Trainer, epoch by epoch", () => {
  const { row_order_as_read: order, spec } = readFixture<{
    row_order_as_read: number[];
    spec: { rows: number; epochs: number; train_seed: number };
  }>("trainer", "trainer.json");
  const ours = Array.from({ length: spec.epochs }, (_, epoch) => [...epochOrder(spec.rows, spec.train_seed, epoch)]);
  assert.deepEqual(ours.flat(), order);
});

test("packs hold rows of similar length and stay within the budget", () => {
  assert.deepEqual(tokenBudgetPacks([5, 1, 3, 2, 4], 6), [[1, 3, 2], [4], [0]]);
});

test("a row longer than the budget is a pack of its own", () => {
  assert.deepEqual(tokenBudgetPacks([9, 1, 9], 3), [[1], [0], [2]]);
});

test("no rows make no packs, and every row is in exactly one", () => {
  assert.deepEqual(tokenBudgetPacks([], 10), []);
  const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 37) % 50));
  const packs = tokenBudgetPacks(lengths, 100);
  assert.deepEqual(
    packs.flat().sort((a, b) => a - b),
    [...lengths.keys()],
  );
  assert.ok(packs.every((pack) => pack.reduce((sum, i) => sum + (lengths[i] as number), 0) <= 100));
});

test("tokenizing adds ids and mask, of the column that is named", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const split = Dataset.fromRows([
    { label: 1, text: "Hello world" },
    { label: 0, text: "" },
  ]);
  const tokenized = tokenizeDataset(split, tokenizer, { text: "text" });
  assert.deepEqual(tokenized.columnNames, ["label", "text", "inputIds", "attentionMask"]);
  assert.deepEqual(tokenized.get(1), { label: 0, text: "", inputIds: [0, 2], attentionMask: [1, 1] });
  assert.deepEqual(tokenized.get(0).inputIds, tokenizer("Hello world").inputIds[0]);
  assert.throws(() => tokenizeDataset(split, tokenizer), /`input`: expected one of the columns label, text\./);
  assert.deepEqual(
    tokenizedRows(tokenized, 2).map(({ label }) => label),
    [1, 0],
  );
});

test("pairs are tokenized from two columns, with token types for a tokenizer that has them", async () => {
  const folder = temporaryFolder();
  cpSync(fixture("wordpiece", "vocab.txt"), join(folder, "vocab.txt"));
  const split = Dataset.fromRows([{ label: 1, scenario: "the fox", excuse: "the dog" }]);
  const columns = { text: "scenario", textPair: "excuse" };
  const typed = tokenizeDataset(split, await AutoTokenizer.fromPretrained(folder), columns);
  assert.deepEqual(typed.get(0).tokenTypeIds, [0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual(tokenizedRows(typed, 2)[0]?.tokenTypeIds, [0, 0, 0, 0, 1, 1, 1]);
  const untyped = tokenizeDataset(split, await AutoTokenizer.fromPretrained(fixture("tokenizer")), columns);
  assert.deepEqual(untyped.columnNames, ["label", "scenario", "excuse", "inputIds", "attentionMask"]);
});

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

test("pairs to be ranked are tokenized each text for itself, and become rows of a batch again", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const split = Dataset.fromRows([
    { baseline: "Hello world", less_pleasant: "Hello" },
    { baseline: "", less_pleasant: "a world" },
  ]);
  const tokenized = tokenizeRanking(split, tokenizer);
  assert.deepEqual(tokenized.columnNames, ["baseline", "less_pleasant", "inputIds", "textLengths", "label"]);
  const ids = (text: string): number[] => tokenizer(text).inputIds[0] as number[];
  const rows = tokenizedRows(tokenized, 2);
  assert.deepEqual(rows[1], { inputIds: [0, 2, ...ids("a world")], textLengths: [2, ids("a world").length], label: 0 });
  assert.deepEqual(toBatch(rows), { inputIds: [ids("Hello world"), ids("Hello"), [0, 2], ids("a world")] });
  assert.throws(() => tokenizeRanking(split, tokenizer, { worse: "other" }), /`other`: expected one of the columns/);
  assert.deepEqual(toBatch([{ inputIds: [0, 2, 0], tokenTypeIds: [0, 1, 0], textLengths: [2, 1] }]).tokenTypeIds, [
    [0, 1],
    [0],
  ]);
});
