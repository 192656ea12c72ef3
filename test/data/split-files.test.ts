import assert from "node:assert/strict";
import { test } from "node:test";
import { splitFiles } from "../../lib/data/split-files";

const split = (paths: string[], config?: string): Record<string, string[]> =>
  Object.fromEntries(splitFiles(paths, config));

test("splits are recognised by the usual words in the names of files", () => {
  for (const name of ["validation", "valid", "val", "dev"]) {
    assert.deepEqual(split(["my_train.csv", `sst2-${name}.csv`, "TEST.CSV", "README.md"]), {
      train: ["my_train.csv"],
      validation: [`sst2-${name}.csv`],
      test: ["TEST.CSV"],
    });
  }
  assert.deepEqual(split(["train.csv", "latest.csv", "constrain.csv", "labels.csv"]), { train: ["train.csv"] });
});

test("shards of a split follow each other in the order of their names", () => {
  assert.deepEqual(
    split(["data/train-00001-of-00002.jsonl", "data/test-00000-of-00001.jsonl", "data/train-00000-of-00002.jsonl"]),
    {
      train: ["data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl"],
      test: ["data/test-00000-of-00001.jsonl"],
    },
  );
});

test("files without such a name belong to the split of their folder", () => {
  assert.deepEqual(split(["train/0000.csv", "train/0001.csv", "test/0000.csv"]), {
    train: ["train/0000.csv", "train/0001.csv"],
    test: ["test/0000.csv"],
  });
});

test("a single file is train, whatever it is called", () => {
  assert.deepEqual(split(["reviews.tsv", "notes.txt"]), { train: ["reviews.tsv"] });
});

test("a split whose files are of two kinds is refused with both, and splits of different kinds are taken", () => {
  assert.throws(() => split(["train.csv", "train.jsonl", "test.jsonl"]), {
    name: "RangeError",
    message:
      "split `train`: expected files that end alike, got train.csv and train.jsonl. Leave one kind of them in the folder, or name one file instead of the folder.",
  });
  assert.deepEqual(split(["train.csv", "test.jsonl"]), { train: ["train.csv"], test: ["test.jsonl"] });
});

test("of a dataset with several parts one is named, or `default` is taken", () => {
  const paths = ["de/train.csv", "de/test.csv", "en/train.csv"];
  assert.deepEqual(split(paths, "de"), { train: ["de/train.csv"], test: ["de/test.csv"] });
  assert.throws(() => split(paths), {
    name: "RangeError",
    message: "`config`: expected one of the dataset's parts de, en, got none.",
  });
  assert.throws(() => split(paths, "fr"), /`config`: expected one of the dataset's parts de, en, got fr\./);
  assert.deepEqual(split([...paths, "default/train.csv"]), { train: ["default/train.csv"] });
});

test("folders without tables, and several files without names of splits, are refused", () => {
  assert.throws(() => split(["notes.txt"]), {
    message: "expected files that end in .csv, .tsv, .jsonl, .parquet, got notes.txt.",
  });
  assert.throws(() => split(["a.csv", "b.csv"]), {
    message:
      "expected files with train, validation or test in their names, got a.csv, b.csv. Name one file instead of the folder.",
  });
});
