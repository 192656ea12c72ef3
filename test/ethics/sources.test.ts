import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { chooseSources, DEFAULT_DATASET, DEFAULT_MODEL } from "../../lib/ethics/sources";
import { temporaryFolder } from "../support/folders";
import {
  COMMIT,
  cacheAsPython,
  DATASET_FOLDER,
  MODEL_FOLDER,
  ownHubEnvironment,
  serve,
  smallDataset,
  smallModel,
} from "../support/hub-environment";

const demo = join(__dirname, "..", "..", "data", "demo");
const environment = ownHubEnvironment();

const snapshot = (folder: string): string => join(environment.cache, folder, "snapshots", COMMIT);

test("where nothing is named and nothing can be had, the demo is used, and the banner says so", async () => {
  const { model, dataset, demo: which, banner } = await chooseSources();
  assert.deepEqual(
    [model, dataset, which],
    [join(demo, "model"), join(demo, "ethics"), { model: true, dataset: true }],
  );
  const [first = "", second = ""] = banner.split("\n");
  assert.match(
    first,
    /^model: the small embedded DEMO \(--model FOLDER for another\), since the original's cannot be had\. /,
  );
  assert.match(first, /`siebert\/sentiment-roberta-large-english`: expected an answer from http/);
  assert.match(
    second,
    /^dataset: the small embedded DEMO .* `hendrycks\/ethics`: expected it in the Hugging Face cache/,
  );
});

test("a hub that is out of order for the model is not asked for the dataset too", async () => {
  const hub = await serve(smallModel(), smallDataset());
  hub.outOfOrder = 503;
  process.env.HF_HUB_ETAG_TIMEOUT = "0.2";
  await chooseSources();
  assert.ok(hub.requests.length > 0 && hub.requests.every(({ path }) => path.startsWith("/api/models/")));
});

test("the original's model and dataset come from the hub, and say so", async () => {
  await serve(smallModel(), smallDataset());
  const files = new Set<string>();
  const sources = await chooseSources({ onProgress: ({ file }) => files.add(file) });
  assert.deepEqual(sources, {
    model: snapshot(MODEL_FOLDER),
    dataset: snapshot(DATASET_FOLDER),
    demo: { model: false, dataset: false },
    banner: `model: ${DEFAULT_MODEL}, Hugging Face, commit 0123456\ndataset: ${DEFAULT_DATASET}, Hugging Face, commit 0123456`,
  });
  assert.ok(files.has("pytorch_model.bin") && files.has("data/commonsense/train.csv"));
});

test("model and dataset come from the cache independently, offline without asking the hub", async () => {
  const hub = await serve(smallModel(), smallDataset());
  const model = cacheAsPython(environment.cache, MODEL_FOLDER, smallModel().files);
  const half = await chooseSources({ offline: true });
  assert.deepEqual([half.model, half.demo], [model, { model: false, dataset: true }]);
  process.env.HF_HUB_OFFLINE = "1";
  const dataset = cacheAsPython(environment.cache, DATASET_FOLDER, smallDataset().files);
  const both = await chooseSources();
  assert.deepEqual([both.dataset, both.demo], [dataset, { model: false, dataset: false }]);
  assert.deepEqual(hub.requests, []);
});

for (const missing of ["config.json", "pytorch_model.bin", "vocab.json"]) {
  test(`a cached model without ${missing} does not count`, async () => {
    const { [missing]: _, ...files } = smallModel().files;
    cacheAsPython(environment.cache, MODEL_FOLDER, files);
    assert.equal((await chooseSources({ offline: true })).demo.model, true);
  });
}

test("the part of the dataset that `config` names is downloaded", async () => {
  await serve(smallModel(), smallDataset());
  const files: string[] = [];
  await chooseSources({ config: "justice", onProgress: ({ file }) => files.push(file) });
  assert.deepEqual(
    files.filter((file) => file.startsWith("data")),
    ["data/justice/train.csv"],
  );
});

test("the demo is taken when asked for, whatever is cached, and a named folder beside it", async () => {
  const hub = await serve(smallModel(), smallDataset());
  const folder = temporaryFolder();
  const { model, dataset, demo: which, banner } = await chooseSources({ demo: true, dataset: folder });
  assert.deepEqual([model, dataset, which], [join(demo, "model"), folder, { model: true, dataset: false }]);
  assert.equal(banner, `model: the embedded demo, as asked\ndataset: ${folder}`);
  assert.deepEqual(hub.requests, []);
});

test("the demo does not stand in for a part of ETHICS that it does not have", async () => {
  const hub = await serve(smallModel(), smallDataset());
  await assert.rejects(chooseSources({ demo: true, config: "virtue" }), {
    name: "RangeError",
    message:
      "`config`: expected commonsense, all that the embedded demo has, got virtue. Name a folder or hub id with ETHICS's own files: --dataset FOLDER.",
  });
  await hub.stop();
  await assert.rejects(
    chooseSources({ config: "virtue" }),
    /got virtue\. Name a folder .* `hendrycks\/ethics`: expected it /,
  );
  const folder = temporaryFolder();
  assert.equal((await chooseSources({ demo: true, config: "virtue", dataset: folder })).dataset, folder);
});

test("a named model or dataset is never replaced by the demo", async () => {
  const hub = await serve({ ...smallModel(), id: "org/name" }, smallDataset());
  const { model, demo: which } = await chooseSources({ model: "org/name" });
  assert.equal(model, snapshot("models--org--name"));
  assert.deepEqual(which, { model: false, dataset: false });
  await assert.rejects(chooseSources({ model: "org/other" }), { name: "HubError", reason: "repository" });
  await assert.rejects(chooseSources({ dataset: "org/name", offline: true }), { name: "HubError", reason: "offline" });
  await hub.stop();
  await assert.rejects(chooseSources({ dataset: "org/name", model: temporaryFolder() }), { reason: "unreachable" });
  await assert.rejects(chooseSources({ dataset: "/no/such/folder", demo: true }), {
    message:
      "`dataset`: expected a folder or an id of the Hugging Face hub such as org/name, got /no/such/folder, which is neither.",
  });
});
