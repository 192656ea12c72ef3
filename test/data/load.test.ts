import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type LoadTablesOptions, loadTables } from "../../lib/data/load";
import { Mt19937 } from "../../lib/tensor/random";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";

const load = (files: Record<string, string>, options?: LoadTablesOptions): ReturnType<typeof loadTables> =>
  loadTables(writeFiles(temporaryFolder(), files), options);

const ROWS = [
  { label: 1, input: "Good." },
  { label: 0, input: "Bad, really." },
];

test("CSV, TSV and JSONL give the same rows, as a file or in a folder", async () => {
  const contents = {
    "reviews.csv": 'review,sentiment,id\nGood.,positive,7\n"Bad, really.",negative,8\n',
    "reviews.tsv": "id\ttext\tlabel\n7\tGood.\tpositive\n8\tBad, really.\tnegative\n",
    "reviews.jsonl": '{"sentence": "Good.", "class": "positive"}\n{"sentence": "Bad, really.", "class": "negative"}\n',
  };
  for (const [name, content] of Object.entries(contents)) {
    const folder = writeFiles(temporaryFolder(), { [name]: content });
    for (const path of [folder, join(folder, name)]) {
      const dataset = await loadTables(path);
      assert.deepEqual(dataset.names, ["train"]);
      assert.deepEqual(dataset.train.rows(), ROWS, name);
      assert.deepEqual(dataset.train.columnNames, ["label", "input"]);
      assert.deepEqual(dataset.labelNames, ["negative", "positive"]);
    }
  }
});

test("semicolons, a byte order mark and \\r\\n, as spreadsheets write them, are read like commas and \\n", async () => {
  const { train, labelNames } = await load({ "all.csv": "\uFEFFtext;label\r\nGood, really.;b\r\nBad.;a \r\n" });
  assert.deepEqual(
    [train.column("input"), train.column("label"), labelNames],
    [
      ["Good, really.", "Bad."],
      [1, 0],
      ["a", "b"],
    ],
  );
});

test("labels by number are sorted by number, others by name, or as they are given", async () => {
  const csv = (labels: string[]): string => `text,label\n${labels.map((label) => `a,${label}`).join("\n")}\n`;
  const numbers = await load({ "train.csv": csv(["10", "2", "-1", "2.0"]) });
  assert.deepEqual(
    [numbers.labelNames, numbers.train.column("label")],
    [
      ["-1", "2", "10"],
      [2, 1, 0, 1],
    ],
  );
  const names = await load({ "train.csv": csv(["b", "a", "C"]) });
  assert.deepEqual(
    [names.labelNames, names.train.column("label")],
    [
      ["C", "a", "b"],
      [2, 1, 0],
    ],
  );
  const labelNames = ["no", "yes"];
  const given = await load({ "train.csv": csv(["yes", "no"]) }, { labelNames });
  assert.deepEqual([given.labelNames, given.train.column("label")], [labelNames, [1, 0]]);
  assert.deepEqual((await load({ "train.csv": csv(["0", "1"]) }, { labelNames })).train.column("label"), [0, 1]);
  const stars = await load({ "train.csv": csv(["1", "2"]) }, { labelNames: ["2", "1"] });
  assert.deepEqual(stars.train.column("label"), [1, 0]);
  const json = await load({ "train.jsonl": '{"text": "a", "label": true}\n{"text": "b", "label": false}\n' });
  assert.deepEqual(
    [json.labelNames, json.train.column("label")],
    [
      ["false", "true"],
      [1, 0],
    ],
  );
});

test("pairs of texts are found by usual names, or named", async () => {
  const pairs = await load({
    "train.csv": "premise,hypothesis,label\nIt rains.,It is wet.,yes\nIt rains.,It is dry.,no\n",
  });
  assert.deepEqual(pairs.train.get(1), { label: 0, input: "It rains.", inputPair: "It is dry." });
  const options = { textColumn: "a", textPairColumn: "b", labelColumn: "c" };
  assert.deepEqual((await load({ "train.csv": "a,b,c\n1st,2nd,0\n3rd,4th,1\n" }, options)).train.get(0), {
    label: 0,
    input: "1st",
    inputPair: "2nd",
  });
});

test("a share of train becomes validation: the rows that torch's permutation puts first", async () => {
  const csv = `text,label\n${Array.from({ length: 10 }, (_, i) => `text ${i},${i % 2}`).join("\n")}\n`;
  const { train, validation, labelNames } = await load({ "all.csv": csv }, { validationShare: 0.3, seed: 7 });
  const first = [...new Mt19937(7).randperm(10)].slice(0, 3);
  assert.deepEqual(
    validation.column("input"),
    first.map((i) => `text ${i}`),
  );
  const rest = Array.from({ length: 10 }, (_, i) => i).filter((i) => !first.includes(i));
  assert.deepEqual(
    train.column("input"),
    rest.map((i) => `text ${i}`),
  );
  assert.deepEqual(labelNames, ["0", "1"]);
  for (const validationShare of [0, 1, Number.NaN]) {
    await assert.rejects(load({ "all.csv": csv }, { validationShare }), /`validationShare`: expected a number above 0/);
  }
  await assert.rejects(
    load({ "train.csv": csv, "dev.csv": csv }, { validationShare: 0.5 }),
    /`validationShare`: expected a dataset with train and without validation, got train, validation\./,
  );
});

const GOOD = "text,label\na,x\nb,y\n";
const REFUSED: Record<string, [files: Record<string, string>, options: LoadTablesOptions, message: RegExp]> = {
  "no usual column of texts": [
    { "train.csv": "title,stars\na,1\n" },
    {},
    /train\.csv: `textColumn`: expected one of the columns title, stars, got none with a usual name\. Name it: `textColumn: "title"`\.$/,
  ],
  "a named column that is not there": [
    { "train.csv": GOOD },
    { labelColumn: "Label" },
    /`labelColumn`: expected one of the columns text, label, got Label\./,
  ],
  "an unknown label in another split": [
    { "train.csv": GOOD, "test.csv": 'text,label\n"a\na",x\nb,z\n' },
    {},
    /test\.csv: line 4, `label`: expected one of the labels x, y, got z\.$/,
  ],
  "a row without a label": [{ "train.csv": "text,label\na,\n" }, {}, /line 2, `label`: expected a label, got none\.$/],
  "a row without a text": [
    { "train.jsonl": '{"text": "a", "label": 0}\n{"text": " ", "label": 1}\n' },
    {},
    /train\.jsonl: line 2, `text`: expected a text, got none\.$/,
  ],
  "a text that is a number": [
    { "train.jsonl": '{"text": "a", "label": 0}\n{"text": 5, "label": 1}\n' },
    {},
    /line 2, `text`: expected a text, got number\.$/,
  ],
  "a single label": [
    { "train.csv": "text,label\na,x\n" },
    {},
    /train\.csv: `label`: expected 2 to 100 different labels, got 1: x\./,
  ],
  "a hundred and one labels": [
    { "train.csv": `text,label\n${Array.from({ length: 101 }, (_, i) => `a,l${i}`).join("\n")}\n` },
    {},
    /expected 2 to 100 different labels, got 101: l0, l1, l2, l3, l4\. Is it the column of the labels\?/,
  ],
  "labels that are fractions": [
    { "train.csv": "text,label\na,0.5\nb,1\n" },
    {},
    /`label`: expected whole numbers or names, got 0\.5\./,
  ],
  "a header alone": [
    { "train.csv": "text,label\n" },
    {},
    /train\.csv: expected rows of texts and labels, got the columns text, label alone\.$/,
  ],
  "one label in two spellings": [
    { "train.csv": "text,label\na,Yes\nb,yes\nc,no\n" },
    {},
    /expected labels that differ by more than capital letters, got yes in two spellings\./,
  ],
  "one column for texts and labels": [
    { "train.csv": GOOD },
    { textColumn: "label" },
    /expected a column each for texts and labels, got label, label of text, label\.$/,
  ],
  "a test split without the column of labels": [
    { "train.csv": GOOD, "test.csv": "text\na\n" },
    {},
    /test\.csv: `labelColumn`: expected one of the columns text, got none with a usual name\.$/,
  ],
  "a label that is an object": [
    { "train.jsonl": '{"text": "a", "label": {"x": 1}}\n' },
    {},
    /line 1, `label`: expected a label, got none\.$/,
  ],
  "no table at all": [
    { "notes.txt": "" },
    {},
    /: expected files that end in \.csv, \.tsv, \.jsonl, \.parquet, got notes\.txt\.$/,
  ],
};

for (const [what, [files, options, message]] of Object.entries(REFUSED)) {
  test(`data with ${what} is refused, and the error says what is wrong and where`, async () => {
    await assert.rejects(load(files, options), { name: "FileFormatError", message });
  });
}

test("a missing path, another kind of file and repeated names of labels are refused", async () => {
  const folder = writeFiles(temporaryFolder(), { "a.txt": "", "train.csv": GOOD });
  await assert.rejects(loadTables(join(folder, "none.csv")), /none\.csv: expected a file or a folder, got none\.$/);
  await assert.rejects(
    loadTables(join(folder, "a.txt")),
    /a\.txt: expected a file that ends in \.csv, \.tsv, \.jsonl, \.parquet/,
  );
  await assert.rejects(loadTables(folder, { labelNames: ["x", "x"] }), {
    name: "RangeError",
    message: "`labelNames`: expected different names, got x, x.",
  });
});

test("a file in Latin-1 is read if its encoding is given", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "train.csv"), Buffer.from("text,label\ncaf\u00E9,x\nth\u00E9,y\n", "latin1"));
  await assert.rejects(loadTables(folder), /train\.csv: line 2, byte 14 of the file: expected UTF-8, got 0xE9\./);
  assert.deepEqual((await loadTables(folder, { encoding: "latin1" })).train.column("input"), ["caf\u00E9", "th\u00E9"]);
});

test("Parquet is read in every usual compression", async () => {
  for (const name of ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]) {
    const { train, labelNames } = await loadTables(fixture("parquet", `${name}.parquet`));
    assert.deepEqual(train.column("input"), ["Good.", "Bad, really.", "Ünïcode 漢 😀\nand a second line"], name);
    assert.deepEqual(
      [train.column("label"), labelNames],
      [
        [1, 0, 1],
        ["0", "1"],
      ],
    );
  }
});

test("names of labels that a Parquet file has are those of the dataset, and a test split of labels -1 has none", async () => {
  const folder = temporaryFolder();
  cpSync(fixture("parquet", "named.parquet"), join(folder, "train-00000-of-00001.parquet"));
  cpSync(fixture("parquet", "unlabelled.parquet"), join(folder, "test-00000-of-00001.parquet"));
  const dataset = await loadTables(folder);
  assert.deepEqual(dataset.labelNames, ["neg", "pos"]);
  assert.deepEqual(dataset.train.column("label"), [1, 0, 1]);
  assert.deepEqual(dataset.test.columnNames, ["input"]);
});

test("a file that is cut off, or is not Parquet at all, is refused", async () => {
  const whole = readFileSync(fixture("parquet", "zstd.parquet"));
  const folder = temporaryFolder();
  for (const bytes of [
    whole.subarray(0, -20),
    Buffer.concat([whole.subarray(0, 40), whole.subarray(60)]),
    Buffer.from("x"),
  ]) {
    writeFileSync(join(folder, "train.parquet"), bytes);
    await assert.rejects(loadTables(folder), {
      name: "FileFormatError",
      message: /train\.parquet: expected a Parquet file with rows, got /,
    });
  }
});
