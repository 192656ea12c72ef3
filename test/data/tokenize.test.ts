import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { toBatch, tokenizedRows } from "../../lib/data/rows";
import { tokenizeDataset, tokenizeRanking } from "../../lib/data/tokenize";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { temporaryFolder } from "../support/folders";
import { fixture } from "../support/golden";

test("tokenizing adds ids and mask for the named column", async () => {
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

test("the texts of pairs to be ranked are tokenized one by one, and are separate rows of a batch", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const split = Dataset.fromRows([
    { baseline: "Hello world", less_pleasant: "Hello" },
    { baseline: "", less_pleasant: "a world" },
  ]);
  const tokenized = tokenizeRanking(split, tokenizer, { better: "baseline", worse: "less_pleasant" });
  assert.deepEqual(tokenized.columnNames, ["baseline", "less_pleasant", "inputIds", "textLengths", "label"]);
  const ids = (text: string): number[] => tokenizer(text).inputIds[0] as number[];
  const rows = tokenizedRows(tokenized, 2);
  assert.deepEqual(rows[1], { inputIds: [0, 2, ...ids("a world")], textLengths: [2, ids("a world").length], label: 0 });
  assert.deepEqual(toBatch(rows), { inputIds: [ids("Hello world"), ids("Hello"), [0, 2], ids("a world")] });
  assert.throws(
    () => tokenizeRanking(split, tokenizer, { better: "baseline", worse: "other" }),
    /`other`: expected one of the columns/,
  );
  assert.deepEqual(toBatch([{ inputIds: [0, 2, 0], tokenTypeIds: [0, 1, 0], textLengths: [2, 1] }]).tokenTypeIds, [
    [0, 1],
    [0],
  ]);
});
