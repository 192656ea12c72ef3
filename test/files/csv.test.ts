import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type CsvOptions, readCsv } from "../../lib/files/csv";
import { temporaryFolder } from "../support/folders";

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** The values of a file, row by row. */
function valuesOf(text: string, options?: CsvOptions): string[][] {
  return readCsv(file("values.csv", text), options).rows.map((row) => Object.values(row));
}

test("every value is the file's own characters, without its byte order mark", () => {
  const table = readCsv(
    file("exact.csv", '\uFEFFid,text,flag\n007,"He said ""hi"",\nthen left",True\n1e3,,null\nNaN, undefined ,1.0\n'),
  );
  assert.deepEqual(table.columns, ["id", "text", "flag"]);
  assert.deepEqual(table.rows, [
    { id: "007", text: 'He said "hi",\nthen left', flag: "True" },
    { id: "1e3", text: "", flag: "null" },
    { id: "NaN", text: " undefined ", flag: "1.0" },
  ]);
});

test("a file without header keeps its first row", () => {
  const { columns, rows } = readCsv(file("util.csv", "first,second\nthird,fourth\n"), { header: false });
  assert.deepEqual(columns, ["0", "1"]);
  assert.deepEqual(rows, [
    { "0": "first", "1": "second" },
    { "0": "third", "1": "fourth" },
  ]);
});

test("lines may end in each of the three ways, and the last one in none", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    assert.deepEqual(valuesOf(["a,b", "1,2", '"3",4', '5,"6"'].join(end)), [
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
    ]);
    assert.deepEqual(valuesOf(["a,b", `"1${end}x",2`, ""].join(end)), [[`1${end}x`, "2"]]);
  }
});

test("lines of Windows may hold texts with line ends of Unix, and the other way round", () => {
  assert.deepEqual(valuesOf('a,b\r\n"1\n2","3\n4"\r\n5,6\r\n'), [
    ["1\n2", "3\n4"],
    ["5", "6"],
  ]);
  assert.deepEqual(valuesOf('a,b\n"1\r\n2",3\n4,5\r\n'), [
    ["1\r\n2", "3"],
    ["4", "5"],
  ]);
});

test("empty lines are skipped, and values between tabs are read as between commas", () => {
  assert.deepEqual(valuesOf("a,b\n\n1,2\n\r\n3,4\n\n"), [
    ["1", "2"],
    ["3", "4"],
  ]);
  assert.deepEqual(valuesOf('a\tb\n1,5\t"x\ty"\n\t\n', { delimiter: "\t" }), [
    ["1,5", "x\ty"],
    ["", ""],
  ]);
});

test("the line of a row is that of the file, whatever texts and empty lines are before it", () => {
  const { rows, lineOf } = readCsv(file("lines.csv", 'a,b\n\n"one\ntwo",2\n3,4\n\n"5",6\n'));
  assert.deepEqual(
    rows.map((_, row) => lineOf(row)),
    [3, 5, 7],
  );
  const plain = readCsv(file("plain.csv", "1,2\n3,4\n5,6\n"), { header: false });
  assert.deepEqual(
    plain.rows.map((_, row) => plain.lineOf(row)),
    [1, 2, 3],
  );
});

const REFUSED: Record<string, [content: string | Uint8Array, message: string]> = {
  "an empty file": ["", "expected rows, got an empty file."],
  "a row of another length": [
    'a,b\n"1\n1",2\n1,2,3\n',
    "line 4: expected 2 values, got 3. Quote texts that hold the separator or a line end.",
  ],
  "a short row": [
    "a,b\n1,2\n3\n",
    "line 3: expected 2 values, got 1. Quote texts that hold the separator or a line end.",
  ],
  "two columns of one name": ["a,b,a\n1,2,3\n", "`a`: expected one column of this name, got two."],
  "a quote that is not closed": [
    'a,b\n1,2\n3,"4\n5,6\n',
    'line 3: expected a closing quote for the value that opens here, got the end of the file. Write a quote inside a quoted text twice ("").',
  ],
  "a quote in the middle of a quoted text": [
    'a,b\n1,2\n"He said "no".",4\n',
    'line 3: expected the end of the value behind its closing quote, got more text. Write a quote inside a quoted text twice ("").',
  ],
  "bytes that are not UTF-8": [
    Buffer.from("a,b\n1,caf\u00E9\n", "latin1"),
    'line 2, byte 9 of the file: expected UTF-8, got 0xE9. Save it as UTF-8, or name its encoding: `encoding: "latin1"`.',
  ],
};

for (const [what, [content, message]] of Object.entries(REFUSED)) {
  test(`${what} is refused, with the file and the line`, () => {
    const path = file("refused.csv", content);
    assert.throws(() => readCsv(path), { name: "FileFormatError", message: `${path}: ${message}` });
  });
}

test("a missing file is named", () => {
  assert.throws(() => readCsv(join(folder, "none.csv")), { message: /none\.csv: expected a file, got none\.$/ });
});

test("a file in Latin-1 is read where that is asked for", () => {
  const path = file("latin1.csv", Buffer.from("text\ncaf\u00E9\n", "latin1"));
  assert.deepEqual(readCsv(path, { encoding: "latin1" }).rows, [{ text: "caf\u00E9" }]);
});

test("characters of several bytes survive everywhere in a long file", () => {
  const texts = Array.from({ length: 40_000 }, (_, i) => `’é漢😀${"x".repeat(i % 7)}${i}`);
  const { rows } = readCsv(file("unicode.csv", `text,n\n${texts.map((text) => `"${text}",1`).join("\n")}\n`));
  assert.deepEqual(
    rows.map((row) => row.text),
    texts,
  );
});

test("the first wrong byte is found far into a file of characters of several bytes", () => {
  const bytes = Buffer.from(`text\n${"漢é😀\n".repeat(20_000)}`);
  const wrong = 5 + 10 * 15_000 + 5; // the first byte of an emoji
  bytes[wrong] = 0xff;
  const path = file("far.csv", bytes);
  assert.throws(() => readCsv(path), { message: new RegExp(`: line 15002, byte ${wrong} of the file: .* 0xFF\\.`) });
});

test("a long quoted text takes time in proportion to its length", () => {
  const seconds = [2 ** 21, 2 ** 24].map((size) => {
    const path = file("long.csv", `text,n\n"${'a ""word"", and\n'.repeat(size / 16)}",1\n`);
    const start = performance.now();
    assert.equal(readCsv(path).rows[0]?.text?.length, (size / 16) * 14);
    return performance.now() - start;
  }) as [number, number];
  // Eight times as long: a quadratic reader takes 64 times as long.
  assert.ok(seconds[1] < 24 * seconds[0] + 100, `${seconds}`);
});

test("the columns can be checked before the rows are read", () => {
  const seen: unknown[] = [];
  const checkColumns = (columns: readonly string[]): void => {
    seen.push(columns);
    throw new Error("other columns");
  };
  const broken = `${"1,2,3\n".repeat(10)}"4`;
  for (const [head, delimiter] of [
    ["\n\na,b\n", ","],
    ["a;b\r\n", ";"],
    ['"a",b\r\n', ","],
  ]) {
    const path = file("columns.csv", `${head}${broken}`);
    assert.throws(() => readCsv(path, { delimiter, checkColumns }), /^Error: other columns$/);
  }
  assert.deepEqual(seen, Array(3).fill(["a", "b"]));
});
