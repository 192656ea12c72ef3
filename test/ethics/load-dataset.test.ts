import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadEthics } from "../../lib/ethics/dataset";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";
import { COMMIT, LATER_COMMIT, ownHubEnvironment, serve } from "../support/hub-environment";
import type { ServedRepository } from "../support/hub-server";

ownHubEnvironment();

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

test("a faulty dataset is refused within two seconds", async () => {
  const start = performance.now();
  await assert.rejects(loadDataset(writeFiles(temporaryFolder(), { "train.csv": "a,b\n1,2\n" })), /`textColumn`/);
  assert.ok(performance.now() - start < 2000);
});

const ID = "somebody/reviews";
const REVIEWS = { "data/train.csv": "review,stars\nGood.,5\nBad.,1\n", "data/test.csv": "review,stars\nSo-so.,5\n" };

function served(files: Record<string, string>, changes: Partial<ServedRepository> = {}): ServedRepository {
  return { kind: "dataset", id: ID, commit: COMMIT, files: buffers(files), ...changes };
}

function buffers(files: Record<string, string>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
}

test("a dataset of the hub is read by the files that it has, and kept in the cache for offline", async () => {
  const hub = await serve(served({ ...REVIEWS, "README.md": "about", "images/1.png": "?" }));
  const online = await loadDataset(ID);
  assert.deepEqual(online.names, ["train", "test"]);
  assert.deepEqual(online.labelNames, ["1", "5"]);
  assert.deepEqual(online.test.rows(), [{ label: 1, input: "So-so." }]);
  const contents = hub.requests.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path);
  assert.deepEqual(contents.map((path) => path.split(`${COMMIT}/`)[1]).sort(), ["data/test.csv", "data/train.csv"]);
  hub.requests.length = 0;
  assert.deepEqual((await loadDataset(ID, { offline: true })).train.rows(), online.train.rows());
  assert.equal(hub.requests.length, 0);
  hub.outOfOrder = 503;
  assert.deepEqual((await loadDataset(ID)).train.rows(), online.train.rows());
});

test("of a dataset with several parts the named one is downloaded", async () => {
  const hub = await serve(
    served({ "de/train.csv": REVIEWS["data/train.csv"], "en/train.csv": "review,stars\na,2\nb,3\n" }),
  );
  await assert.rejects(loadDataset(ID), {
    name: "RangeError",
    message: "`somebody/reviews`: `config`: expected one of the dataset's parts de, en, got none.",
  });
  assert.deepEqual((await loadDataset(ID, { config: "en" })).labelNames, ["2", "3"]);
  assert.ok(!hub.requests.some(({ path }) => path.includes("/resolve/") && path.includes("/de/")));
});

test("where main has no file that can be read, the hub's converted branch is taken, else it is an error", async () => {
  const files = { "default/train/0000.parquet": readFileSync(fixture("parquet", "named.parquet")) };
  const converted = { commit: LATER_COMMIT, files };
  const hub = await serve(served({ "script.py": "" }, { branches: { "refs/convert/parquet": converted } }));
  assert.deepEqual((await loadDataset(ID)).labelNames, ["neg", "pos"]);
  assert.deepEqual((await loadDataset(ID, { offline: true })).train.column("label"), [1, 0, 1]);
  const [repository] = hub.repositories;
  if (repository) repository.branches = {};
  await assert.rejects(loadDataset(ID, { revision: "main" }), {
    name: "HubError",
    reason: "files",
    message: "`somebody/reviews`: expected a dataset with files that can be read, got none of them.",
  });
});

test("a copy of ETHICS under another name is read as ETHICS", async () => {
  const files = { "data/commonsense/test.csv": CSV, "data/virtue/test.csv": "label,scenario\n1,a [SEP] b\n" };
  await serve(served(files));
  assert.deepEqual((await loadDataset(ID)).names, ["validation"]);
  assert.deepEqual((await loadDataset(ID, { config: "virtue" })).validation.column("scenario"), ["a [SEP] b"]);
});

test("a dataset that is neither cached nor at the hub, and a missing file, are errors", async () => {
  await serve(served(REVIEWS));
  await assert.rejects(loadDataset("somebody/other"), { name: "HubError", reason: "repository" });
  await assert.rejects(loadDataset(ID, { offline: true }), { name: "HubError", reason: "offline" });
  await assert.rejects(loadDataset("missing.csv"), /missing\.csv: expected a file or a folder, got none\.$/);
  await assert.rejects(loadDataset("/no/such/folder"), /^Error: `dataset`: expected a folder or an id/);
});
