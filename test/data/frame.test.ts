import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isFrame, readCsv, toDataFrame } from "../../lib/data/frame";
import { temporaryFolder } from "../support/folders";

const folder = temporaryFolder();

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test("a CSV file keeps every value as the file's own characters", async () => {
  const table = await readCsv(
    file("exact.csv", '\uFEFFid,text,flag\n007,"He said ""hi"",\nthen left",True\n1e3,,null\nNaN,undefined,1.0\n'),
  );
  assert.deepEqual(table.columns, ["id", "text", "flag"]);
  assert.deepEqual(table.rows, [
    { id: "007", text: 'He said "hi",\nthen left', flag: "True" },
    { id: "1e3", text: "", flag: "null" },
    { id: "NaN", text: "undefined", flag: "1.0" },
  ]);
});

test("a CSV file without header keeps its first row", async () => {
  const table = await readCsv(file("util.csv", "first,second\nthird,fourth\n"), { header: false });
  assert.deepEqual(table.rows, [
    { "0": "first", "1": "second" },
    { "0": "third", "1": "fourth" },
  ]);
});

test("characters outside ASCII survive wherever the file is cut into pieces", async () => {
  const texts = Array.from({ length: 4000 }, (_, i) => `’é漢😀${"x".repeat(i % 7)}${i}`);
  const table = await readCsv(file("unicode.csv", `text,n\n${texts.map((text) => `"${text}",1`).join("\n")}\n`));
  assert.deepEqual(
    table.rows.map((row) => row.text),
    texts,
  );
});

test("a missing, an empty and a ragged CSV file are errors that name the file", async () => {
  await assert.rejects(readCsv(join(folder, "none.csv")), /none\.csv`: expected a readable CSV file with rows, got/);
  await assert.rejects(readCsv(file("empty.csv", "")), /empty\.csv`: expected a readable CSV file with rows, got/);
  await assert.rejects(
    readCsv(file("ragged.csv", "a,b\n1,2\n1,2,3\n")),
    /ragged\.csv`, row 2: expected 2 values, got 3/,
  );
});

test("rows become a danfo DataFrame in the asked column order", () => {
  const frame = toDataFrame([{ label: 0, input: "I waited." }, { label: 1 }], ["input", "label"]);
  assert.ok(isFrame(frame));
  assert.deepEqual(frame.shape, [2, 2]);
  assert.deepEqual(frame.values, [
    ["I waited.", 0],
    [null, 1],
  ]);
  assert.deepEqual(frame.head(1).values, [["I waited.", 0]]);
  assert.throws(() => toDataFrame([]), /expected at least one row or column/);
});
