import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { Dataset, DatasetDict } from "../../lib/data/dataset";
import { readFixture } from "../support/golden";

const rows = [
  { label: 0, input: "a" },
  { label: 1, input: "b" },
  { label: 1, input: "c" },
];
const dataset = Dataset.fromRows(rows);

test("a dataset prints as in Python", () => {
  assert.equal(
    inspect(dataset),
    `Dataset({
    features: ['label', 'input'],
    num_rows: 3
})`,
  );
  assert.equal(inspect(Dataset.fromRows([])), "Dataset({\n    features: [],\n    num_rows: 0\n})");
});

test("splits print as in Python", () => {
  const splits = DatasetDict.from([
    ["train", dataset],
    ["validation", dataset.select([0])],
    ["test", dataset.select([])],
  ]);
  assert.equal(
    inspect(splits),
    `DatasetDict({
    train: Dataset({
        features: ['label', 'input'],
        num_rows: 3
    })
    validation: Dataset({
        features: ['label', 'input'],
        num_rows: 1
    })
    test: Dataset({
        features: ['label', 'input'],
        num_rows: 0
    })
})`,
  );
});

test("rows are found by number and columns by name, and a missing one is an error", () => {
  assert.deepEqual(dataset.get(1), { label: 1, input: "b" });
  assert.deepEqual(dataset.column("label"), [0, 1, 1]);
  assert.throws(() => dataset.get(3), { name: "RangeError", message: "row 3: expected an index from 0 to 2." });
  assert.throws(() => dataset.column("text"), {
    name: "RangeError",
    message: "`text`: expected one of the columns label, input.",
  });
});

test("map keeps the old columns, puts new ones last and does not change the dataset itself", () => {
  const mapped = dataset.map(({ label }, index) => ({ index, label: Number(label) + 10 }));
  assert.deepEqual(mapped.columnNames, ["label", "input", "index"]);
  assert.deepEqual(mapped.get(2), { label: 11, input: "c", index: 2 });
  assert.deepEqual(dataset.get(2), { label: 1, input: "c" });
});

test("filter and select keep the columns, even if no row is left", () => {
  assert.deepEqual(dataset.filter(({ label }) => label === 1).column("input"), ["b", "c"]);
  assert.deepEqual(dataset.select([2, 0, 2]).column("input"), ["c", "a", "c"]);
  assert.deepEqual(dataset.filter(() => false).columnNames, ["label", "input"]);
  assert.throws(() => dataset.select([3]), /^RangeError: row 3/);
});

test("a sample is the first of torch's permutation for the seed", () => {
  const { randperm } = readFixture<{ randperm: { seed: number; n: number; order?: number[] }[] }>("rng.json");
  const { order = [] } = randperm.find(({ seed, n }) => seed === 43 && n === 11) ?? {};
  const numbers = Dataset.fromRows(Array.from({ length: 11 }, (_, i) => ({ i })));
  assert.deepEqual(numbers.sample(4, 43).column("i"), order.slice(0, 4));
  assert.equal(numbers.sample(11, 43), numbers);
  assert.equal(numbers.sample(99, 43), numbers);
});

test("splits are found by name, and a missing one is an error that names the others", () => {
  const splits = DatasetDict.from([["train", dataset]]);
  assert.equal(splits.train, dataset);
  assert.throws(() => splits.test, {
    name: "RangeError",
    message: "split `test`: expected one of train. Is its file in the dataset's folder?",
  });
  const more = splits.with("validation", dataset.select([0])).map((split, name) => split.map(() => ({ name })));
  assert.deepEqual([more.names, more.validation.numRows, splits.names], [["train", "validation"], 1, ["train"]]);
  assert.deepEqual(more.train.column("name"), ["train", "train", "train"]);
});

test("a dataset becomes a danfo table", () => {
  const frame = dataset.toDataFrame();
  assert.deepEqual(
    [frame.columns, frame.shape],
    [
      ["label", "input"],
      [3, 2],
    ],
  );
});
