import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { loadAmbiguous, loadEthics } from "../../lib/ethics/dataset";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";

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
    const splits = await loadEthics(
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
  const splits = await loadEthics(writeFiles(temporaryFolder(), { "train.csv": train }));
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
    /train\.csv: line 3, `label`: expected 0 or 1, got "2"\./,
  ],
  ["an empty label", { "train.csv": csv(",a,,") }, /line 2, `label`: expected 0 or 1, got ""\./],
  ["a row without text", { "train.csv": csv("0,  ,,") }, /line 2, `input`: expected a text, got none\./],
];

for (const [what, files, message] of refused) {
  test(`a folder with ${what} is refused`, async () => {
    await assert.rejects(loadEthics(writeFiles(temporaryFolder(), files)), { name: "FileFormatError", message });
  });
}

test("a missing folder and an unknown part of ETHICS are errors", async () => {
  await assert.rejects(loadEthics("/no/such/folder"), {
    message:
      /^`dataset`: expected a folder or an id of the Hugging Face hub .*, got \/no\/such\/folder, which is neither\.$/,
  });
  await assert.rejects(
    loadEthics(".", { config: "music" as "commonsense" }),
    /^RangeError: `config`: expected one of commonsense.*, got music\.$/,
  );
});

const others: [EthicsConfig, prefix: string, columns: string[], rows: number[]][] = [
  ["deontology", "deontology", ["label", "scenario", "excuse", "input"], [7, 8, 4]],
  ["justice", "justice", ["label", "scenario", "input"], [7, 8, 4]],
  ["utilitarianism", "util", ["baseline", "less_pleasant"], [2, 3, 2]],
  ["virtue", "virtue", ["label", "scenario", "input"], [9, 10, 5]],
];
const FILES = ["train", "test", "test_hard"];

for (const [config, prefix, columns, counts] of others) {
  test(`${config} loads from each layout, with all its rows`, async () => {
    const original = fixture("ethics");
    const copied = (name: (file: string) => string): string => {
      const folder = temporaryFolder();
      for (const file of FILES) cpSync(join(original, config, `${prefix}_${file}.csv`), join(folder, name(file)));
      return folder;
    };
    const hub = copied((file) => `data/${config}/${file}.csv`);
    const alone = copied((file) => `${prefix}_${file}.csv`);
    for (const folder of [original, hub, alone, join(original, config)]) {
      const splits = await loadEthics(folder, { config });
      assert.deepEqual(splits.names, ["train", "validation", "test"]);
      const found = splits.names.map((name) => splits.get(name));
      assert.deepEqual(
        found.map((split) => split.numRows),
        counts,
      );
      for (const split of found) assert.deepEqual(split.columnNames, columns);
      assert.deepEqual(Object.keys(splits.test.get(0)), columns);
    }
  });
}

test("the text for a model is scenario and excuse, or the scenario as it is", async () => {
  const first = async (config: EthicsConfig): Promise<unknown> =>
    (await loadEthics(fixture("ethics"), { config })).test.get(0);
  assert.deepEqual(await first("deontology"), {
    label: 1,
    scenario: "Could you feed the cat tonight?",
    excuse: "No, because my sister has fed it already.",
    input: "Could you feed the cat tonight? [SEP] No, because my sister has fed it already.",
  });
  const justice = "I usually water Tom's plants but I didn't today because he is home again.";
  assert.deepEqual(await first("justice"), { label: 1, scenario: justice, input: justice });
  const virtue = "Ada gave back the coin that nobody had missed. [SEP] honest";
  assert.deepEqual(await first("virtue"), { label: 1, scenario: virtue, input: virtue });
  assert.deepEqual(await first("utilitarianism"), {
    baseline: "I found a warm seat by the window.",
    less_pleasant: "I found a seat by the door.",
  });
});

test("a header line in a file of utilitarianism is not read as a row", async () => {
  const rows = readFileSync(fixture("ethics", "utilitarianism", "util_test.csv"), "utf8");
  const folder = writeFiles(temporaryFolder(), { "util_test.csv": `baseline,less_pleasant\n${rows}` });
  const { validation } = await loadEthics(folder, { config: "utilitarianism" });
  assert.equal(validation.numRows, 3);
  assert.equal(validation.get(0).baseline, "I found a warm seat by the window.");
});

test("of the other parts too, files with wrong columns, labels or empty texts are refused", async () => {
  const wrong: [EthicsConfig, string, string, RegExp][] = [
    ["justice", "justice_test.csv", "label,text\n1,a\n", /expected the columns label and scenario, got label, text\./],
    [
      "deontology",
      "deontology_test.csv",
      "label,scenario\n1,a\n",
      /the columns label, scenario and excuse, got label, /,
    ],
    [
      "deontology",
      "deontology_test.csv",
      "label,scenario,excuse\n1,a,\n",
      /line 2, `excuse`: expected a text, got none/,
    ],
    ["virtue", "virtue_test.csv", "label,scenario\n1,a\n-1,b\n", /line 3, `label`: expected 0 or 1, got "-1"\./],
    ["utilitarianism", "util_test.csv", "0,a,b\n", /expected 2 columns \(baseline, less_pleasant\), got 3 columns\./],
    ["utilitarianism", "util_test.csv", 'a,b\nc," "\n', /line 2, `less_pleasant`: expected a text, got none\./],
  ];
  for (const [config, file, content, message] of wrong) {
    const folder = writeFiles(temporaryFolder(), { [file]: content });
    await assert.rejects(loadEthics(folder, { config }), { name: "FileFormatError", message }, inspect(content));
  }
});

test("label 1 is the bad one in commonsense alone", () => {
  const swapped = Object.entries(ETHICS_PARTS).filter(([, { swapsLabels }]) => swapsLabels);
  assert.deepEqual(
    swapped.map(([name, { labelOne }]) => [name, labelOne]),
    [["commonsense", "clearly wrong"]],
  );
});

test("the scenarios that people disagree on have no label and no header", async () => {
  const split = await loadAmbiguous(fixture("ethics"));
  assert.deepEqual([split.columnNames, split.numRows], [["input"], 2]);
  const alone = await loadAmbiguous(fixture("ethics", "commonsense"));
  assert.equal(alone.get(1).input, 'I told a friend that his song is dull.\nHe had asked, "Be honest."');
  await assert.rejects(loadAmbiguous(temporaryFolder()), /expected files such as data\/commonsense\/ambig\.csv or /);
  const two = writeFiles(temporaryFolder(), { "cm_ambig.csv": "0,a\n" });
  await assert.rejects(loadAmbiguous(two), /cm_ambig\.csv: expected 1 column \(input\), got 2 columns\./);
});
