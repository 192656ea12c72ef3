import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadEthics, resolveDataset } from "../../lib/ethics/dataset";
import { resolveModel } from "../../lib/hub/resolve";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { temporaryFolder, writeFiles } from "../support/folders";
import { assertClose, fixture, forwardBatches, logitsOf, readFixture } from "../support/golden";
import {
  COMMIT,
  cacheAsPython,
  DATASET_FOLDER,
  DATASET_ID,
  LATER_COMMIT,
  MODEL_FOLDER,
  MODEL_ID,
  ownHubEnvironment,
  serve,
  smallDataset,
  smallModel,
} from "../support/hub-environment";
import { gitHash, type Hub, sha256 } from "../support/hub-server";
import { LOGITS } from "../support/tolerances";

const environment = ownHubEnvironment();

/** Paths that were asked for, as "METHOD path", the hub's alone. */
function asked(hub: Hub): string[] {
  const requests = hub.requests.splice(0).filter(({ host }) => host === "hub");
  return requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
}

const NEEDED = [
  "config.json",
  "merges.txt",
  "pytorch_model.bin",
  "special_tokens_map.json",
  "tokenizer_config.json",
  "vocab.json",
];
const REVISION = `GET /api/models/${MODEL_ID}/revision/main`;
const PATHS = `POST /api/models/${MODEL_ID}/paths-info/${COMMIT}`;

test("a model comes from the hub into an empty cache: the files that are needed, in Python's layout", async () => {
  const repository = smallModel();
  const hub = await serve(repository);
  const folder = await resolveModel(MODEL_ID);
  const root = join(environment.cache, MODEL_FOLDER);
  assert.equal(folder, join(root, "snapshots", COMMIT));
  assert.deepEqual(readdirSync(folder).sort(), NEEDED);
  for (const name of NEEDED) assert.deepEqual(readFileSync(join(folder, name)), repository.files[name], name);
  const weights = repository.files["pytorch_model.bin"] as Buffer;
  assert.equal(readlinkSync(join(folder, "pytorch_model.bin")), join("..", "..", "blobs", sha256(weights)));
  const config = repository.files["config.json"] as Buffer;
  assert.equal(readlinkSync(join(folder, "config.json")), join("..", "..", "blobs", gitHash(config)));
  assert.equal(readFileSync(join(root, "refs", "main"), "utf8"), COMMIT);
  assert.deepEqual(readdirSync(join(root, ".no_exist", COMMIT)).sort(), [
    "model.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "vocab.txt",
  ]);
  assert.deepEqual(readdirSync(join(root, "blobs")).length, NEEDED.length);
  assert.deepEqual(asked(hub).slice(0, 2), [REVISION, PATHS]);
});

test("for a cached model the hub is asked once: which commit main stands for", async () => {
  const hub = await serve(smallModel());
  const folder = await resolveModel(MODEL_ID);
  asked(hub);
  assert.equal(await resolveModel(MODEL_ID), folder);
  assert.deepEqual(asked(hub), [REVISION]);
});

test("a later commit is fetched, and of it only the files that changed", async () => {
  const repository = smallModel();
  const hub = await serve(repository);
  await resolveModel(MODEL_ID);
  repository.commit = LATER_COMMIT;
  repository.files["config.json"] = Buffer.from("{}");
  hub.requests.length = 0;
  const folder = await resolveModel(MODEL_ID);
  assert.equal(folder, join(environment.cache, MODEL_FOLDER, "snapshots", LATER_COMMIT));
  assert.deepEqual(readdirSync(folder).sort(), NEEDED);
  assert.equal(readFileSync(join(folder, "config.json"), "utf8"), "{}");
  assert.deepEqual(asked(hub), [
    REVISION,
    PATHS.replace(COMMIT, LATER_COMMIT),
    `GET /${MODEL_ID}/resolve/${LATER_COMMIT}/config.json`,
  ]);
  assert.equal(readFileSync(join(environment.cache, MODEL_FOLDER, "refs", "main"), "utf8"), LATER_COMMIT);
});

test("a commit that is cached is used without a question", async () => {
  const hub = await serve(smallModel());
  const folder = await resolveModel(MODEL_ID, { revision: COMMIT });
  assert.ok(!asked(hub).some((question) => question.includes("/revision/")));
  assert.equal(await resolveModel(MODEL_ID, { revision: COMMIT }), folder);
  assert.deepEqual(asked(hub), []);
});

test("safetensors are preferred to pytorch_model.bin and tokenizer.json to its parts", async () => {
  const repository = smallModel();
  repository.files["model.safetensors"] = readFileSync(fixture("cases", "roberta-head", "model", "model.safetensors"));
  repository.files["tokenizer.json"] = readFileSync(fixture("tokenizer", "tokenizer.json"));
  await serve(repository);
  assert.deepEqual(readdirSync(await resolveModel(MODEL_ID)).sort(), [
    "config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
});

test("an index of shards is downloaded with all of its shards", async () => {
  const repository = smallModel();
  const sharded = fixture("cases", "roberta-head", "model_sharded");
  const names = readdirSync(sharded).filter((name) => name.startsWith("model"));
  for (const name of names) repository.files[name] = readFileSync(join(sharded, name));
  const hub = await serve(repository);
  const folder = await resolveModel(MODEL_ID, { parts: ["weights"] });
  assert.deepEqual(readdirSync(folder).sort(), ["config.json", ...names].sort());
  asked(hub);
  await resolveModel(MODEL_ID, { parts: ["weights"] });
  assert.deepEqual(asked(hub), [REVISION]);
  rmSync(join(folder, names.find((name) => name.includes("00002")) as string));
  await assert.rejects(resolveModel(MODEL_ID, { parts: ["weights"], offline: true }), /got no model-00002-of-/);
  await resolveModel(MODEL_ID, { parts: ["weights"] });
  assert.equal(readdirSync(folder).length, names.length + 1);
});

test("the tokenizer comes without the weights", async () => {
  await serve(smallModel());
  const folder = await resolveModel(MODEL_ID, { parts: ["tokenizer"] });
  assert.deepEqual(
    readdirSync(folder).sort(),
    NEEDED.filter((name) => name !== "pytorch_model.bin"),
  );
});

test("the tokenizer of a hub's vocab.json and merges.txt gives the reference's ids, from an empty cache", async () => {
  await serve(smallModel());
  const tokenizer = await AutoTokenizer.fromPretrained(MODEL_ID);
  const { singles } = readFixture<{ singles: { text: string; ids: number[] }[] }>("tokenizer", "answers.json");
  for (const { text, ids } of singles) assert.deepEqual(tokenizer(text, { truncation: true }).inputIds, [ids], text);
});

test("the classifier of a hub's pytorch_model.bin gives the reference's logits, from an empty cache", async () => {
  await serve(smallModel());
  const model = await AutoModelForSequenceClassification.fromPretrained(MODEL_ID);
  const batches = forwardBatches("roberta-head");
  const logits = await logitsOf(model, batches);
  batches.forEach((batch, i) => {
    assertClose(logits[i] as number[][], batch.logits, { absolute: LOGITS }, batch.what);
  });
  model.dispose();
});

test("the dataset comes with the files of one part, and from an empty cache to its rows", async () => {
  const hub = await serve(smallDataset());
  const ethics = await loadEthics(DATASET_ID);
  assert.deepEqual(
    ["train", "validation", "test"].map((split) => ethics.get(split).column("input")),
    [["I fed the dog."], ["I fed the cat."], ["I fed the lion."]],
  );
  const folder = join(environment.cache, DATASET_FOLDER, "snapshots", COMMIT);
  assert.deepEqual(readdirSync(join(folder, "data")), ["commonsense"]);
  assert.equal(
    readlinkSync(join(folder, "data", "commonsense", "train.csv"))
      .replaceAll("\\", "/")
      .split("/blobs/")[0],
    "../../../..",
  );
  asked(hub);
  assert.equal(await resolveDataset(DATASET_ID), folder);
  assert.deepEqual(asked(hub), [`GET /api/datasets/${DATASET_ID}/revision/main`]);
});

test("a split that the hub lacks is remembered as such, and a part without any file is an error", async () => {
  await serve(smallDataset());
  const folder = await resolveDataset(DATASET_ID, { config: "justice" });
  assert.deepEqual(readdirSync(join(folder, "data", "justice")), ["train.csv"]);
  assert.equal(await resolveDataset(DATASET_ID, { config: "justice", offline: true }), folder);
  await assert.rejects(resolveDataset(DATASET_ID, { config: "music" }), {
    name: "HubError",
    reason: "files",
    message:
      /^`hendrycks\/ethics`: expected a dataset of the kind that is read here, got no data\/music\/train\.csv or /,
  });
});

test("a repository without weights that are read here is an error that names them", async () => {
  const repository = smallModel();
  delete repository.files["pytorch_model.bin"];
  await serve(repository);
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "files",
    message: /got no model\.safetensors or model\.safetensors\.index\.json or pytorch_model\.bin\.$/,
  });
  assert.ok(
    !existsSync(join(environment.cache, MODEL_FOLDER, "refs")),
    "an unusable commit is not what main stands for",
  );
});

test("a cache that Python filled is read, with the hub and without", async () => {
  const repository = smallModel();
  const { "README.md": _, ...files } = repository.files;
  const absent = ["model.safetensors", "model.safetensors.index.json", "tokenizer.json"];
  const folder = cacheAsPython(environment.cache, MODEL_FOLDER, files, { absent });
  assert.equal(await resolveModel(MODEL_ID, { offline: true }), folder);
  assert.equal(await resolveModel(MODEL_ID), folder, "nobody answers");
  const hub = await serve(repository);
  assert.equal(await resolveModel(MODEL_ID), folder);
  assert.deepEqual(asked(hub), [REVISION]);
});

test("the cached copy serves when the hub is out of order, has lost the repository or refuses it", async () => {
  const repository = smallModel();
  const hub = await serve(repository);
  const folder = await resolveModel(MODEL_ID);
  hub.outOfOrder = 503;
  assert.equal(await resolveModel(MODEL_ID), folder);
  hub.outOfOrder = undefined;
  repository.token = "hf_other";
  assert.equal(await resolveModel(MODEL_ID), folder);
  hub.repositories.length = 0;
  assert.equal(await resolveModel(MODEL_ID), folder);
});

test("a half downloaded commit does not replace the complete one", async () => {
  const repository = smallModel();
  const hub = await serve(repository);
  const folder = await resolveModel(MODEL_ID);
  repository.commit = LATER_COMMIT;
  repository.files["pytorch_model.bin"] = Buffer.from("new weights");
  hub.failures.push(...Array.from({ length: 30 }, () => ({ status: 500 })));
  process.env.HF_HUB_ETAG_TIMEOUT = "0.2";
  assert.equal(await resolveModel(MODEL_ID), folder);
  assert.equal(await resolveModel(MODEL_ID, { offline: true }), folder);
});

test("offline nothing is asked, and what is not cached is an error", async () => {
  const hub = await serve(smallModel(), smallDataset());
  process.env.HF_HUB_OFFLINE = "1";
  await assert.rejects(resolveModel(MODEL_ID), {
    name: "HubError",
    reason: "offline",
    message: `\`${MODEL_ID}\`: expected it in the Hugging Face cache ${environment.cache} (offline), got no revision main. Run once with the network, or name a folder that holds the files.`,
  });
  delete process.env.HF_HUB_OFFLINE;
  await assert.rejects(resolveDataset(DATASET_ID, { offline: true }), { reason: "offline" });
  cacheAsPython(environment.cache, DATASET_FOLDER, { "data/commonsense/train.csv": "label,input\n" });
  await assert.rejects(resolveDataset(DATASET_ID, { offline: true }), /got no data\/commonsense\/test\.csv, no data\//);
  assert.deepEqual(hub.requests, []);
});

test("a folder is taken as it is, and what is neither folder nor id is an error", async () => {
  const folder = writeFiles(temporaryFolder(), { "config.json": {} });
  assert.equal(await resolveModel(folder), folder);
  for (const named of ["/no/such/folder", "../up", "a/b/c", "org/..", "--model"]) {
    await assert.rejects(resolveModel(named), /^Error: `model`: expected a folder or an id .*, which is neither\.$/);
  }
  for (const revision of ["../../x", "", "a/../b"]) {
    await assert.rejects(resolveModel(MODEL_ID, { revision }), /^RangeError: `revision`: expected a branch/);
  }
});

test("on a disk without symbolic links the snapshot holds copies", async (t) => {
  const fs = require("node:fs") as typeof import("node:fs");
  t.mock.method(fs, "symlinkSync", () => {
    throw new Error("EPERM");
  });
  const repository = smallModel();
  await serve(repository);
  const folder = await resolveModel(MODEL_ID);
  for (const name of NEEDED) {
    assert.ok(lstatSync(join(folder, name)).isFile(), name);
    assert.deepEqual(readFileSync(join(folder, name)), repository.files[name], name);
  }
  assert.equal(await resolveModel(MODEL_ID, { offline: true }), folder);
});
