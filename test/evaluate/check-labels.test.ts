import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset, DatasetDict } from "../../lib/data/dataset";
import { checkLabels } from "../../lib/evaluate/check-labels";
import { tinyModel } from "../support/tiny";

const splits = [["train", Dataset.fromRows([{ input: "a", label: 0 }])]] as const;

test("a model with another number of labels than the data is refused, with the way to a new head", () => {
  const model = tinyModel();
  assert.throws(() => checkLabels(model, DatasetDict.from(splits, ["bad", "good", "so-so"])), {
    name: "RangeError",
    message:
      "labels: expected 3 (bad, good, so-so), as the dataset has, got 2 (LABEL_0, LABEL_1) of the model. Give it a new head: `newHead: true`.",
  });
  checkLabels(model, DatasetDict.from(splits, ["bad", "good"]));
  checkLabels(model, DatasetDict.from(splits));
  model.dispose();
});

test("names of labels stay with a dataset whose splits are mapped or replaced", () => {
  const named = DatasetDict.from(splits, ["bad", "good"]);
  assert.deepEqual(named.map((split) => split).labelNames, ["bad", "good"]);
  assert.deepEqual(named.with("test", named.train).labelNames, ["bad", "good"]);
});
