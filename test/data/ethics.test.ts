import assert from "node:assert/strict";
import { test } from "node:test";
import { loadDataset } from "../../lib/data/ethics";
import { temporaryFolder, writeFiles } from "../support/folders";

const csv = (...rows: string[]): string => `label,input,is_short,edited\n${rows.join("\n")}\n`;
const train = csv('0,"I watered her plants, as promised.",True,False', '1,"I said ""no"" and left.",False,True');
const validation = csv("1,I lied.,True,False");
const hard = csv("0,I waited.,True,False", "0,I helped.,True,False", "1,I stole.,True,False");

const layouts = {
  "the hub's layout": ["data/commonsense/train.csv", "data/commonsense/test.csv", "data/commonsense/test_hard.csv"],
  "the original layout": ["commonsense/cm_train.csv", "commonsense/cm_test.csv", "commonsense/cm_test_hard.csv"],
  "the files alone": ["cm_train.csv", "cm_test.csv", "cm_test_hard.csv"],
  "the hub's files alone": ["train.csv", "test.csv", "test_hard.csv"],
};

for (const [what, [first, second, third]] of Object.entries(layouts) as [string, [string, string, string]][]) {
  test(`${what} gives train, validation from the test file and test from the hard one`, async () => {
    const splits = await loadDataset(
      writeFiles(temporaryFolder(), { [first]: train, [second]: validation, [third]: hard }),
    );
    assert.deepEqual(splits.names, ["train", "validation", "test"]);
    assert.deepEqual([splits.train.numRows, splits.validation.numRows, splits.test.numRows], [2, 1, 3]);
    assert.deepEqual(splits.train.rows(), [
      { label: 0, input: "I watered her plants, as promised." },
      { label: 1, input: 'I said "no" and left.' },
    ]);
    assert.deepEqual(splits.train.columnNames, ["label", "input"]);
    assert.deepEqual(splits.test.column("label"), [0, 0, 1]);
  });
}

test("a split without a file is left out, and asking for it names those that are there", async () => {
  const splits = await loadDataset(writeFiles(temporaryFolder(), { "train.csv": train }));
  assert.deepEqual(splits.names, ["train"]);
  assert.throws(() => splits.validation, /split `validation`: expected one of train\. Is its file/);
});

const refused: [string, Record<string, string>, RegExp][] = [
  [
    "no file of it",
    { "notes.txt": "" },
    /expected files such as data\/commonsense\/test\.csv or commonsense\/cm_test\.csv, got neither/,
  ],
  [
    "a file without the columns",
    { "train.csv": "label,text\n0,a\n" },
    /train\.csv: expected the columns label and input, got label, text\./,
  ],
  [
    "a label that is neither 0 nor 1",
    { "train.csv": csv("0,a,,", "2,b,,") },
    /train\.csv: row 2, `label`: expected 0 or 1, got "2"\./,
  ],
  ["an empty label", { "train.csv": csv(",a,,") }, /row 1, `label`: expected 0 or 1, got ""\./],
  ["a row without text", { "train.csv": csv("0,  ,,") }, /row 1, `input`: expected a text, got none\./],
];

for (const [what, files, message] of refused) {
  test(`a folder with ${what} is refused`, async () => {
    await assert.rejects(loadDataset(writeFiles(temporaryFolder(), files)), { name: "FileFormatError", message });
  });
}

test("a missing folder and an unknown part of ETHICS are errors", async () => {
  await assert.rejects(loadDataset("/no/such/folder"), {
    message:
      /^`dataset`: expected a folder or an id of the Hugging Face hub .*, got \/no\/such\/folder, which is neither\.$/,
  });
  await assert.rejects(
    loadDataset(".", { config: "music" as "commonsense" }),
    /^RangeError: `config`: expected one of commonsense.*, got music\.$/,
  );
});
