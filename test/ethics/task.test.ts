import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { sampleGroups } from "../../lib/ethics/groups";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { ethicsTask } from "../../lib/ethics/task";
import { PairRanker } from "../../lib/model/pair-ranker";
import { fixture } from "../support/golden";
import { logitsChoosing } from "../support/predictions";
import { tinyModel } from "../support/tiny";

const numbered = (count: number): Dataset => Dataset.fromRows(Array.from({ length: count }, (_, i) => ({ i })));
const GROUPED = ["justice", "deontology", "virtue"] as const;

test("commonsense leaves the model and accuracy as they are, and swaps the labels", () => {
  const task = ethicsTask("commonsense");
  assert.equal(task.swapsLabels, true);
  assert.deepEqual([task.numLabels, task.trainsHead, task.metricForBestModel], [undefined, false, "loss"]);
  assert.deepEqual(task.metrics({ predictions: logitsChoosing([1]), labels: [1] }), {});
  const split = numbered(50);
  assert.deepEqual(task.sample(split, 7, 42).rows(), split.sample(7, 42).rows());
});

test("parts with groups train the head and count groups that are right as a whole", () => {
  for (const config of GROUPED) {
    const task = ethicsTask(config);
    const { groupSize } = ETHICS_PARTS[config];
    assert.deepEqual(
      [task.swapsLabels, task.numLabels, task.trainsHead, task.metricForBestModel],
      [false, 2, true, "exactMatch"],
    );
    const labels = Array.from({ length: 2 * groupSize }, (_, i) => i % 2);
    const oneWrong = labels.map((label, i) => (i === 0 ? 1 - label : label));
    assert.deepEqual(task.metrics({ predictions: logitsChoosing(labels), labels }), { exactMatch: 1 });
    assert.deepEqual(task.metrics({ predictions: logitsChoosing(oneWrong), labels }), { exactMatch: 0.5 });
  }
});

test("a sample has whole groups and at most as many rows as asked for, but one group at least", () => {
  const split = numbered(100);
  const virtue = ethicsTask("virtue");
  assert.deepEqual(virtue.sample(split, 64, 42).rows(), sampleGroups(split, 5, 12, 42).rows());
  assert.equal(virtue.sample(split, 1, 42).numRows, 5);
  assert.equal(ethicsTask("justice").sample(split, 64, 42).numRows, 64);
  assert.equal(virtue.sample(split, 100, 42), split);
});

test("utilitarianism ranks pairs with one output", async () => {
  const task = ethicsTask("utilitarianism");
  assert.deepEqual([task.numLabels, task.trainsHead, task.metricForBestModel], [1, true, "pairAccuracy"]);
  const scores = [Float32Array.of(2, 1), Float32Array.of(1, 2)];
  assert.deepEqual(task.metrics({ predictions: scores, labels: [0, 0] }), { pairAccuracy: 0.5 });
  const pairs = Dataset.fromRows([{ baseline: "Warm tea.", less_pleasant: "Cold tea." }]);
  assert.deepEqual(task.texts(pairs), ["Warm tea."]);
  assert.deepEqual(task.readable(pairs), ["1: Warm tea. | 2: Cold tea."]);
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  assert.deepEqual(task.tokenize(pairs, tokenizer).columnNames.slice(2), ["inputIds", "textLengths", "label"]);
  const model = tinyModel({ num_labels: 1 });
  assert.ok(task.classifier(model) instanceof PairRanker);
  assert.equal(ethicsTask("virtue").classifier(model), model);
  model.dispose();
});

test("a part that does not exist, and a training split where groups are needed, are refused", () => {
  assert.throws(() => ethicsTask("vertue" as EthicsConfig), {
    name: "RangeError",
    message: "`config`: expected one of commonsense, deontology, justice, utilitarianism, virtue, got vertue.",
  });
  assert.throws(() => ethicsTask("virtue", "train"), {
    name: "RangeError",
    message: "`evalSplit`: expected validation or test, where virtue has groups of 5 rows, got train.",
  });
  assert.equal(ethicsTask("commonsense", "train").groupSize, 1);
});

test("labels have the names that the model is trained on, and `readable` gives the texts that it reads", () => {
  const one = Object.fromEntries(
    (Object.keys(ETHICS_PARTS) as EthicsConfig[]).map((config) => [config, ethicsTask(config).labelNames[1]]),
  );
  assert.deepEqual(one, {
    commonsense: "acceptable", // 1 was "clearly wrong" before it was turned round
    deontology: "reasonable",
    justice: "reasonable",
    utilitarianism: "2 is more pleasant",
    virtue: "fits",
  });
  const rows = Dataset.fromRows([{ input: "I lied.", label: 1 }]);
  for (const config of ["commonsense", ...GROUPED] as const) {
    assert.deepEqual(ethicsTask(config).readable(rows), ["I lied."]);
  }
});
