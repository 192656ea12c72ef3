import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { chooseSources, DEFAULT_DATASET, DEFAULT_MODEL } from "../../lib/files/sources";
import { temporaryFolder, writeFiles } from "../support/folders";

const demo = join(__dirname, "..", "..", "data", "demo");
const VARIABLES = ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"] as const;
const before = VARIABLES.map((name) => [name, process.env[name]] as const);
let cache: string;

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name];
  cache = temporaryFolder();
  process.env.HF_HUB_CACHE = cache;
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** Files of a cached repository's main branch. @returns the snapshot's folder */
function cached(repository: string, files: string[], folder = cache): string {
  const entries = files.map((name) => [`${repository}/snapshots/abc/${name}`, ""]);
  writeFiles(folder, { [`${repository}/refs/main`]: "abc\n", ...Object.fromEntries(entries) });
  return join(folder, repository, "snapshots", "abc");
}

const MODEL = "models--siebert--sentiment-roberta-large-english";
const MODEL_FILES = ["config.json", "model.safetensors", "tokenizer.json"];

test("with nothing named and nothing cached the demo stands in, and says so", () => {
  const { model, dataset, demo: which, banner } = chooseSources();
  assert.deepEqual(
    [model, dataset, which],
    [join(demo, "model"), join(demo, "ethics"), { model: true, dataset: true }],
  );
  assert.match(banner, /^model: the small embedded DEMO, since siebert\/sentiment-roberta-large-english is not in the/);
  assert.match(banner, /For the real one name its folder: --model FOLDER\ndataset: the small embedded DEMO/);
});

test("the original's model and dataset come from the Hugging Face cache, each on its own", () => {
  const model = cached(MODEL, MODEL_FILES);
  const half = chooseSources();
  assert.deepEqual([half.model, half.demo], [model, { model: false, dataset: true }]);
  const dataset = cached("datasets--hendrycks--ethics", ["data/commonsense/train.csv"]);
  const both = chooseSources();
  assert.deepEqual([both.dataset, both.demo], [dataset, { model: false, dataset: false }]);
  assert.equal(
    both.banner,
    `model: ${DEFAULT_MODEL}, from the Hugging Face cache\ndataset: ${DEFAULT_DATASET}, from the Hugging Face cache`,
  );
});

for (const missing of MODEL_FILES) {
  test(`a cached model without ${missing} does not count`, () => {
    cached(
      MODEL,
      MODEL_FILES.filter((name) => name !== missing),
    );
    assert.equal(chooseSources().demo.model, true);
  });
}

test("the cache lies where Python's variables say", () => {
  const model = cached(MODEL, MODEL_FILES, join(cache, "huggingface", "hub"));
  delete process.env.HF_HUB_CACHE;
  process.env.XDG_CACHE_HOME = cache;
  assert.equal(chooseSources().model, model);
  process.env.HF_HOME = join(cache, "huggingface");
  process.env.XDG_CACHE_HOME = "/nowhere";
  assert.equal(chooseSources().model, model);
});

test("the demo is taken when asked for, whatever is cached, and a named folder beside it", () => {
  cached(MODEL, MODEL_FILES);
  const folder = temporaryFolder();
  const { model, dataset, demo: which, banner } = chooseSources({ demo: true, dataset: folder });
  assert.deepEqual([model, dataset, which], [join(demo, "model"), folder, { model: true, dataset: false }]);
  assert.equal(banner, `model: the embedded demo, as asked\ndataset: ${folder}`);
});

test("what is named is a folder or a cached id, never silently the demo", () => {
  const other = cached("models--org--name", MODEL_FILES);
  assert.equal(chooseSources({ model: "org/name" }).model, other);
  assert.throws(() => chooseSources({ model: "org/other" }), {
    message: `\`model\`: expected a folder or an id in the Hugging Face cache ${cache}, got org/other, which is neither.`,
  });
  assert.throws(
    () => chooseSources({ dataset: "/no/such/folder" }),
    /^Error: `dataset`: expected a folder .* got \/no\/such\/folder/,
  );
});
