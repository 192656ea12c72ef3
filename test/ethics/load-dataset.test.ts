import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadEthics } from "../../lib/ethics/dataset";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";

const CSV = "label,input\n1,I lied.\n0,I waited.\n";

test("a folder in a layout of ETHICS is read as ETHICS, every part of it", async () => {
  for (const config of Object.keys(ETHICS_PARTS).filter((name) => name !== "commonsense") as EthicsConfig[]) {
    const [one, other] = [
      await loadDataset(fixture("ethics"), { config }),
      await loadEthics(fixture("ethics"), { config }),
    ];
    assert.deepEqual(one.test.rows(), other.test.rows());
    assert.equal(one.labelNames, undefined);
  }
  for (const file of ["data/commonsense/test.csv", "commonsense/cm_test.csv", "cm_test.csv"]) {
    const { names } = await loadDataset(writeFiles(temporaryFolder(), { [file]: CSV }));
    assert.deepEqual(names, ["validation"], file);
  }
  const bare = writeFiles(temporaryFolder(), { "test.csv": CSV, "test_hard.csv": CSV });
  assert.deepEqual((await loadDataset(bare)).names, ["validation", "test"]);
});

test("any other folder or file is read by its own splits and labels, also where a run names a part of ETHICS", async () => {
  const folder = writeFiles(temporaryFolder(), { "train.csv": CSV, "test.csv": CSV });
  for (const options of [{}, { config: "commonsense" }]) {
    const { names, labelNames } = await loadDataset(folder, options);
    assert.deepEqual(
      [names, labelNames],
      [
        ["train", "test"],
        ["0", "1"],
      ],
    );
    assert.deepEqual((await loadDataset(join(folder, "test.csv"), options)).names, ["train"]);
  }
});

test("what is wrong with a dataset is said within two seconds", async () => {
  const start = performance.now();
  await assert.rejects(loadDataset(writeFiles(temporaryFolder(), { "train.csv": "a,b\n1,2\n" })), /`textColumn`/);
  assert.ok(performance.now() - start < 2000);
});
