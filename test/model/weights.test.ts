import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { SafetensorsFile, type TensorData, writeSafetensors } from "../../lib/files/safetensors";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { parseConfig } from "../../lib/model/config";
import { tensorShapes } from "../../lib/model/encoder";
import { compareShapes, initialParameters, type LoadedParameters, readParameters } from "../../lib/model/weights";
import { temporaryFolder, writeFiles } from "../support/folders";
import { caseFile, forwardBatches, loadModel, logitsOf, read } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_BATCH, TINY_CONFIG, tinyModel } from "../support/tiny";

const config = parseConfig(TINY_CONFIG, "config.json");
const shapes = tensorShapes(config);

/** The tensors of the tiny model, with some replaced, and left out where undefined. */
function weights(changes: Record<string, TensorData | undefined>): Map<string, TensorData> {
  const tensors = new Map([...shapes].map(([name, shape]) => [name, tensor(shape)]));
  for (const [name, data] of Object.entries(changes)) {
    if (data === undefined) tensors.delete(name);
    else tensors.set(name, data);
  }
  return tensors;
}

function tensor(shape: number[]): TensorData {
  return { shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5) };
}

/** A folder with these tensors. */
function folderOf(tensors: Map<string, TensorData>): string {
  const folder = temporaryFolder();
  writeSafetensors(join(folder, "model.safetensors"), tensors);
  return folder;
}

function free({ parameters }: LoadedParameters): void {
  for (const parameter of parameters.values()) parameter.dispose();
}

const [words, norm, bias] = [
  "roberta.embeddings.word_embeddings.weight",
  "roberta.embeddings.LayerNorm.weight",
  "roberta.encoder.layer.0.output.dense.bias",
] as const;

test("every missing, ill-shaped and unknown tensor is named in one error, and nothing is loaded", async () => {
  const folder = folderOf(weights({ [words]: undefined, [norm]: tensor([2, 2]), "roberta.c.weight": tensor([1]) }));
  await assertNothingKept(() =>
    assert.rejects(readParameters(folder, config), {
      name: "FileFormatError",
      message: `${join(folder, "model.safetensors")}: expected the tensors that config.json describes, got 3 differences. Do both files belong together?
  \`${words}\`: expected [20, 8], got none
  \`${norm}\`: expected [8], got [2, 2]
  \`roberta.c.weight\`: expected no such tensor`,
    }),
  );
});

test("tensors that other exporters add to a checkpoint are ignored", async () => {
  const extra = [
    "roberta.embeddings.position_ids",
    "roberta.embeddings.token_type_ids",
    "roberta.pooler.dense.weight",
    "roberta.pooler.dense.bias",
    "lm_head.bias",
  ];
  const folder = folderOf(weights(Object.fromEntries(extra.map((name) => [name, tensor([2])]))));
  const loaded = await readParameters(folder, config);
  assert.deepEqual([[...loaded.parameters.keys()], loaded.newLayers], [[...shapes.keys()], []]);
  for (const [name, { shape, requiresGrad, value }] of loaded.parameters) {
    assert.deepEqual([shape, requiresGrad, value.dataSync()[0]], [shapes.get(name), false, 0.5]);
  }
  free(loaded);
});

test("a list of differences longer than a dozen is cut, with its length told", async () => {
  const kept = new Map([...weights({})].filter(([name]) => name.startsWith("classifier.")));
  await assert.rejects(
    readParameters(folderOf(kept), config),
    /got 21 differences[\s\S]*: expected .*, got none\n {2}… and 9 more$/,
  );
});

test("a checkpoint that fits has no differences", () => {
  assert.deepEqual(compareShapes(shapes, new Map(shapes)), []);
});

test("a tensor that cannot be read frees those that were read before it", async () => {
  const folder = folderOf(weights({}));
  const original = SafetensorsFile.prototype.pieces;
  SafetensorsFile.prototype.pieces = function (name) {
    if (name === bias) throw new Error("disk error");
    return original.call(this, name);
  };
  try {
    await assertNothingKept(() => assert.rejects(readParameters(folder, config), /disk error/));
  } finally {
    SafetensorsFile.prototype.pieces = original;
  }
});

for (const [what, value, name] of [
  ["NaN", Number.NaN, words],
  ["infinity", Number.NEGATIVE_INFINITY, bias],
] as const) {
  test(`a tensor with ${what} in it is refused by its name, and nothing is loaded`, async () => {
    const broken = tensor(shapes.get(name) ?? []);
    broken.values = Float32Array.from(broken.values as Float32Array).fill(value, 3, 4);
    const folder = folderOf(weights({ [name]: broken }));
    for (const dtype of ["float32", "bfloat16"] as const) {
      await assertNothingKept(() =>
        assert.rejects(readParameters(folder, config, { dtype }), {
          name: "FileFormatError",
          message: `${join(folder, "model.safetensors")}: \`${name}\`: expected numbers that are finite, got NaN or infinity. The file is damaged, or the training that wrote it diverged: take an earlier one.`,
        }),
      );
    }
  });
}

test("the old names gamma and beta are read; a file with the old and the new name of a tensor is refused", async () => {
  const old = (name: string): string =>
    name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma").replace(/LayerNorm\.bias$/, "LayerNorm.beta");
  const renamed = new Map([...weights({})].map(([name, data]) => [old(name), data]));
  assert.notDeepEqual([...renamed.keys()], [...shapes.keys()]);
  const loaded = await readParameters(folderOf(renamed), config);
  assert.deepEqual([...loaded.parameters.keys()], [...shapes.keys()]);
  free(loaded);
  const twice = weights({ [old(norm)]: tensor([8]) });
  await assert.rejects(
    readParameters(folderOf(twice), config),
    /expected one tensor for `roberta\.embeddings\.LayerNorm\.weight`, got /,
  );
});

test("names without the model's prefix are understood, with the head as it is or missing", async () => {
  const bare = [...weights({ "roberta.embeddings.position_ids": tensor([1]) })].map(
    ([name, data]): [string, TensorData] => [name.replace(/^roberta\./, ""), data],
  );
  const whole = await readParameters(folderOf(new Map(bare)), config);
  assert.deepEqual([[...whole.parameters.keys()], whole.newLayers], [[...shapes.keys()], []]);
  const pooler: [string, TensorData][] = [
    ["pooler.dense.weight", tensor([8, 8])],
    ["pooler.dense.bias", tensor([8])],
  ];
  const encoder = bare.filter(([name]) => !name.startsWith("classifier."));
  const headless = await readParameters(folderOf(new Map([...encoder, ...pooler])), config);
  assert.deepEqual(headless.newLayers, ["classifier.dense", "classifier.out_proj"]);
  free(whole);
  free(headless);
});

test("a checkpoint without head gets a new one with a warning, the same for the same seed", async () => {
  const folder = folderOf(new Map([...weights({})].filter(([name]) => !name.startsWith("classifier."))));
  writeFiles(folder, { "config.json": TINY_CONFIG });
  const warn = mock.method(console, "warn", () => undefined);
  const load = async (): Promise<number[][]> => {
    const model = await AutoModelForSequenceClassification.fromPretrained(folder);
    const logits = await read(model.forward(TINY_BATCH));
    model.dispose();
    return logits;
  };
  const [first, second] = [await load(), await load()];
  warn.mock.restore();
  assert.deepEqual(first, second);
  assert.deepEqual(
    warn.mock.calls.map(({ arguments: [message] }) => message),
    Array(2).fill(
      `${folder} has no weights for classifier.dense and classifier.out_proj: they are new, train them before use.`,
    ),
  );
  const drawn = await readParameters(folder, config);
  assert.deepEqual(drawn.parameters.get("classifier.dense.bias")?.value.dataSync(), new Float32Array(8));
  free(drawn);
  const model = tinyModel();
  await assert.rejects(model.load(folder), /expected weights for classifier\.dense and classifier\.out_proj, got none/);
  model.dispose();
});

test("a layer of the head with a weight and no bias is an error, not a new layer", async () => {
  const folder = folderOf(weights({ "classifier.out_proj.bias": undefined }));
  await assert.rejects(readParameters(folder, config), /`classifier\.out_proj\.bias`: expected \[2\], got none/);
});

for (const [what, name, files] of [
  ["pytorch_model.bin", "roberta-head", ["model/pytorch_model.bin"]],
  ["pytorch_model.bin with position_ids and a pooler", "roberta-seed", ["model/pytorch_model.bin"]],
  ["three shards", "roberta-head", ["model_sharded"]],
] as const) {
  test(`${name} is the same model from ${what}`, async () => {
    const folder = temporaryFolder();
    cpSync(caseFile(name, "model", "config.json"), join(folder, "config.json"));
    for (const file of files) {
      const target = file.endsWith(".bin") ? join(folder, "pytorch_model.bin") : folder;
      cpSync(caseFile(name, file), target, { recursive: true });
    }
    const [expected, model] = [await loadModel(name), await AutoModelForSequenceClassification.fromPretrained(folder)];
    const batches = forwardBatches(name).slice(0, 1);
    assert.deepEqual(await logitsOf(model, batches), await logitsOf(expected, batches));
    model.dispose();
    expected.dispose();
  });
}

test("new weights are drawn for matrices, 1 for norms, 0 for biases and the padding's vector", () => {
  const made = initialParameters(
    parseConfig({ ...TINY_CONFIG, vocab_size: 250, initializer_range: 0.02 }, "config.json"),
    1,
  );
  const values = (name: string): number[] => [...(made.get(name)?.value.dataSync() ?? [])];
  assert.deepEqual(values(norm), Array(8).fill(1));
  assert.deepEqual(values(bias), Array(8).fill(0));
  const table = values(words);
  assert.ok(table.slice(8, 16).every((value) => value === 0));
  const drawn = [...table.slice(0, 8), ...table.slice(16)];
  // 1,992 draws: the sample's deviation is within 10 % of 0.02 and its mean within 4 standard errors of 0.
  const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
  const deviation = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0) / drawn.length);
  assert.ok(Math.abs(mean) < (4 * 0.02) / Math.sqrt(drawn.length), `mean ${mean}`);
  assert.ok(Math.abs(deviation - 0.02) < 0.002, `deviation ${deviation}`);
  for (const parameter of made.values()) parameter.dispose();
});
