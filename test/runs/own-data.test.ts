import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadDataset, RUN_DEFAULTS, type RunParameters } from "../../lib";
import type { RunMetrics } from "../../lib/runs/metrics";
import { Run } from "../../lib/runs/run";
import { runPaths } from "../../lib/runs/run-folder";
import type { TrialParameters } from "../../lib/sweep/parameters";
import { sweep } from "../../lib/sweep/sweep";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";
import { COMMIT, ownHubEnvironment, serve } from "../support/hub-environment";
import { start } from "../support/start";

ownHubEnvironment();

const DEMO = join(__dirname, "../../data/demo/model");

/** Rows of texts that the demo's vocabulary has, with these labels in turn. */
function rows(labels: readonly string[], count = 12): [text: string, label: string][] {
  return Array.from({ length: count }, (_, i) => [`I helped the man ${i}.`, labels[i % labels.length] as string]);
}

/** A file with a header. */
function separated(header: string, lines: readonly (readonly string[])[], separator = ","): string {
  return [header, ...lines.map((line) => line.join(separator))].join("\n");
}

const own = (files: Record<string, string>): string => writeFiles(temporaryFolder(), files);

/** A training of a few steps on the demo's model. */
async function trained(dataset: string, parameters: Partial<TrialParameters> = {}): Promise<RunMetrics> {
  const result = await sweep({
    grid: { rank: [2] },
    out: temporaryFolder(),
    parameters: { demo: true, dataset, trainLimit: 8, ...parameters },
  });
  return result.trials[0]?.metrics as RunMetrics;
}

const SENTIMENT = separated("text,sentiment", rows(["pos", "neg"]));
const FIVE = separated("text,label", rows(["1", "2", "3", "4", "5"]));
const JSONL = rows(["1", "0"])
  .map(([review, label]) => JSON.stringify({ review, label: Number(label) }))
  .join("\n");
const PAIRS = separated(
  "a,b,same",
  rows(["yes", "no"]).map(([text, label]) => ["I lied.", text, label]),
);
const SHARE = { validationShare: 0.25 };

const TRAINED: Record<string, [dataset: () => string, parameters: Partial<TrialParameters>, evalRows: number]> = {
  "a folder of CSV with names as labels": [() => own({ "train.csv": SENTIMENT, "test.csv": SENTIMENT }), {}, 12],
  "a folder of TSV": [
    () =>
      own({ "train.tsv": separated("text\tlabel", rows(["0", "1"]), "\t"), "dev.tsv": "text\tlabel\nI lied.\t1\n" }),
    {},
    1,
  ],
  "a folder of JSONL": [() => own({ "train.jsonl": JSONL, "validation.jsonl": JSONL }), { evalLimit: 5 }, 5],
  "a Parquet file": [() => fixture("parquet", "snappy.parquet"), SHARE, 1],
  "one file of which a share is kept back": [() => join(own({ "all.csv": SENTIMENT }), "all.csv"), SHARE, 3],
  "semicolons, a byte order mark and lines that end in \\r\\n": [
    () => own({ "all.csv": `\uFEFF${separated("Text;Label", rows(["a", "b"]), ";").replaceAll("\n", "\r\n")}` }),
    SHARE,
    3,
  ],
  "a file in Latin-1": [
    () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, "all.csv"), Buffer.from(SENTIMENT.replace("helped", "salu\u00E9"), "latin1"));
      return folder;
    },
    { ...SHARE, encoding: "latin1" },
    3,
  ],
  "pairs of texts": [
    () => own({ "all.csv": PAIRS }),
    { ...SHARE, textColumn: "a", textPairColumn: "b", labelColumn: "same" },
    3,
  ],
  "five labels and a new head": [() => own({ "train.csv": FIVE, "test.csv": FIVE }), { newHead: true }, 12],
};

for (const [what, [dataset, parameters, evalRows]] of Object.entries(TRAINED)) {
  test(`a run is trained on ${what}`, async () => {
    const { final, ...metrics } = await trained(dataset(), parameters);
    assert.deepEqual([metrics.config, metrics.trainHead, metrics.evalRows], ["default", true, evalRows]);
    assert.ok(Number.isFinite(final.loss) && final.loss > 0);
  });
}

test("a run is trained on a dataset of the hub, which has Parquet alone", async () => {
  const files = { "data/train-0.parquet": readFileSync(fixture("parquet", "named.parquet")) };
  await serve({ kind: "dataset", id: "somebody/reviews", commit: COMMIT, files });
  const { dataset, evalSplit } = await trained("somebody/reviews", { validationShare: 0.3 });
  assert.deepEqual([dataset, evalSplit], ["somebody/reviews", "validation"]);
});

/** A run on own data, which is read. */
async function runOn(dataset: string, changes: Partial<RunParameters>): Promise<Run> {
  const sources = { model: DEMO, dataset, demo: { model: true, dataset: false }, banner: "" };
  const run = new Run({ ...RUN_DEFAULTS, ...changes }, sources);
  run.taskFor(await loadDataset(dataset, run.datasetOptions));
  return run;
}

test("`swapLabels` exchanges the labels together with their names and the head's outputs", async (t) => {
  const told = t.mock.method(console, "log", () => {});
  const dataset = own({ "train.csv": SENTIMENT, "test.csv": SENTIMENT });
  const [plain, swapped] = [await runOn(dataset, {}), await runOn(dataset, { swapLabels: true })];
  assert.deepEqual(plain.modelOptions.id2label, ["neg", "pos"]);
  assert.deepEqual(swapped.modelOptions.id2label, ["pos", "neg"]);
  assert.deepEqual(
    told.mock.calls.map(({ arguments: [line] }) => line),
    ["labels: 0 neg, 1 pos", "labels: 0 pos, 1 neg"],
  );
  const five = own({ "train.csv": FIVE, "test.csv": FIVE });
  await assert.rejects(runOn(five, { swapLabels: true }), /`swapLabels`: expected two labels, got 5, 4, 3, 2, 1\./);
});

const THREE = { ...JSON.parse(readFileSync(join(DEMO, "config.json"), "utf8")), id2label: { 0: "a", 1: "b", 2: "c" } };

const REFUSED: Record<string, [options: () => string[], message: RegExp]> = {
  "a column that is not there": [
    () => [own({ "train.csv": SENTIMENT }), "--text-column", "tekst"],
    /train\.csv: `--text-column`: expected one of the columns text, sentiment, got tekst\. Name it: `--text-column "text"`\.\n$/,
  ],
  "a file in Latin-1": [
    () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, "train.csv"), Buffer.from(SENTIMENT.replace("helped", "salu\u00E9"), "latin1"));
      return [folder];
    },
    /train\.csv: line 2, byte 21 of the file: expected UTF-8, got 0xE9\. Save it as UTF-8, or name its encoding: `--encoding "latin1"`\.\n$/,
  ],
  "a split in two formats": [
    () => [own({ "train.csv": SENTIMENT, "train.jsonl": JSONL, "test.csv": SENTIMENT })],
    /: split `train`: expected files that end alike, got train\.csv and train\.jsonl\./,
  ],
  "a label that train does not have": [
    () => [own({ "train.csv": SENTIMENT, "test.csv": "text,sentiment\nI lied.,so-so\n" })],
    /test\.csv: line 2, `sentiment`: expected one of the labels neg, pos, got so-so\.\n$/,
  ],
  "a head with another number of outputs": [
    () => [own({ "train.csv": FIVE, "test.csv": FIVE })],
    /^labels: expected 5 \(1, 2, 3, 4, 5\), as the dataset has, got 2 .* of the model\. Give it a new head: `--new-head`\.\n$/,
  ],
  "a head with three outputs for ETHICS": [
    () => ["", "--model", writeFiles(temporaryFolder(), { "config.json": THREE })],
    /^labels: expected 2 .*, got 3 \(a, b, c\) of the model/,
  ],
  "no rows to evaluate on": [
    () => [own({ "train.csv": SENTIMENT })],
    /^`--eval-split`: expected a split test with labels, got train\. .*`--validation-share 0\.1`/,
  ],
  "labels that are secret": [
    () => [own({ "train.csv": SENTIMENT, "test.csv": "text,sentiment\nI lied.,-1\n" })],
    /^`--eval-split`: expected a split test with labels, got test, in which every label is -1\./,
  ],
  "the split to evaluate on being that to train on": [
    () => [own({ "validation.csv": SENTIMENT }), "--train-split", "validation"],
    /^`--eval-split`: expected a split test with labels, got validation\./,
  ],
  "columns of ETHICS": [() => ["", "--text-column", "text"], /^`--text-column`: expected with data of your own/],
  "a part that ETHICS does not have": [
    () => ["", "--config", "vertue"],
    /^`--config`: expected one of commonsense, deontology, justice, utilitarianism, virtue, got vertue\.\n$/,
  ],
};

test("validation replaces a test split without labels, for texts and for pairs", async (t) => {
  t.mock.method(console, "log", () => {});
  const labelled = "a,b,label\nI lied.,He lied.,0\nI helped.,He helped.,1\n";
  const secret = labelled.replace(/\d$/gm, "-1");
  const folder = own({ "train.csv": labelled, "dev.csv": labelled, "test.csv": secret });
  for (const textPairColumn of ["", "b"]) {
    assert.equal((await runOn(folder, { textColumn: "a", textPairColumn })).evalSplit, "validation");
  }
});

test("data that does not fit is refused within two seconds, in the words of the command line, before a model is loaded", async () => {
  const seconds: number[] = [];
  for (const [what, [options, message]] of Object.entries(REFUSED)) {
    const [dataset = "", ...others] = options();
    const out = temporaryFolder();
    const began = performance.now();
    const named = dataset === "" ? [] : ["--dataset", dataset];
    const { code, stderr } = await start(["--demo", "--offline", "--out", out, ...named, ...others]);
    seconds.push((performance.now() - began) / 1000);
    assert.equal(code, 2, what);
    // Nothing stands before it: TensorFlow would have said something.
    assert.match(stderr, message, what);
    assert.throws(() => readFileSync(runPaths(out).log));
  }
  assert.ok(Math.min(...seconds) < 2, `${seconds}`);
});

test("values of an earlier run in this process are not reused when the data file has changed", async (t) => {
  t.mock.method(console, "log", () => {});
  const folder = own({ "train.csv": SENTIMENT, "test.csv": SENTIMENT });
  const made = async (): Promise<string> => {
    const run = await runOn(folder, {});
    return run.reuse("own tokens", () => `${run.evalSplit} ${Math.random()}`);
  };
  const first = await made();
  assert.equal(await made(), first);
  writeFiles(folder, { "train.csv": SENTIMENT.replace("helped", "robbed") });
  assert.notEqual(await made(), first);
});
