import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile, type TensorData, writeSafetensors } from "../../lib/files/safetensors";
import { compareShapes, initialParameters, readParameters } from "../../lib/model/checkpoint";
import { temporaryFolder } from "../support/folders";
import { assertNothingKept } from "../support/memory";

const shapes = new Map([
  ["roberta.a.weight", [2, 3]],
  ["roberta.a.bias", [2]],
  ["roberta.b.weight", [4]],
]);

function weights(changes: Record<string, TensorData | undefined>): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>();
  for (const [name, shape] of shapes) tensors.set(name, tensor(shape));
  for (const [name, data] of Object.entries(changes)) {
    if (data === undefined) tensors.delete(name);
    else tensors.set(name, data);
  }
  return tensors;
}

function tensor(shape: number[]): TensorData {
  return { shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5) };
}

test("every missing, ill-shaped and unknown tensor is named in one error, and nothing is loaded", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "model.safetensors");
  writeSafetensors(
    file,
    weights({ "roberta.a.weight": undefined, "roberta.b.weight": tensor([2, 2]), "roberta.c.weight": tensor([1]) }),
  );
  await assertNothingKept(() => {
    assert.throws(() => readParameters(folder, shapes), {
      name: "FileFormatError",
      message: `${file}: expected the tensors that config.json describes, got 3 differences. Do both files belong together?
  \`roberta.a.weight\`: expected [2, 3], got none
  \`roberta.b.weight\`: expected [4], got [2, 2]
  \`roberta.c.weight\`: expected no such tensor`,
    });
  });
});

test("tensors that other exports carry along are passed over", () => {
  const folder = temporaryFolder();
  const extra = [
    "roberta.embeddings.position_ids",
    "roberta.embeddings.token_type_ids",
    "roberta.pooler.dense.weight",
    "roberta.pooler.dense.bias",
    "lm_head.bias",
  ];
  writeSafetensors(
    join(folder, "model.safetensors"),
    weights(Object.fromEntries(extra.map((name) => [name, tensor([2])]))),
  );
  const parameters = readParameters(folder, shapes);
  assert.deepEqual([...parameters.keys()], [...shapes.keys()]);
  for (const [name, { shape, requiresGrad, value }] of parameters) {
    assert.deepEqual([shape, requiresGrad, value.dataSync()[0]], [shapes.get(name), false, 0.5]);
  }
});

test("a list of differences longer than a dozen is cut, with its length told", () => {
  const folder = temporaryFolder();
  writeSafetensors(join(folder, "model.safetensors"), new Map());
  const many = new Map(Array.from({ length: 15 }, (_, i): [string, number[]] => [`w${i}`, [1]]));
  assert.throws(
    () => readParameters(folder, many),
    /got 15 differences[\s\S]*`w11`: expected \[1\], got none\n {2}… and 3 more$/,
  );
});

test("a checkpoint that fits is compared without a word", () => {
  assert.deepEqual(compareShapes(shapes, new Map(shapes)), []);
});

test("a tensor that cannot be read frees those that were read before it", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "model.safetensors");
  writeSafetensors(file, weights({}));
  const { read } = SafetensorsFile.prototype;
  SafetensorsFile.prototype.read = function (name) {
    if (name === "roberta.b.weight") throw new Error("disk error");
    return read.call(this, name);
  };
  try {
    await assertNothingKept(() => assert.throws(() => readParameters(folder, shapes), /disk error/));
  } finally {
    SafetensorsFile.prototype.read = read;
  }
});

test("new weights are drawn for matrices, 1 for norms, 0 for biases and the padding's vector", () => {
  const made = initialParameters(
    new Map([
      ["word_embeddings.weight", [50, 40]],
      ["LayerNorm.weight", [3]],
      ["dense.bias", [3]],
    ]),
    { seed: 1, deviation: 0.02, padTokenId: 1 },
  );
  const values = (name: string): number[] => [...(made.get(name)?.value.dataSync() ?? [])];
  assert.deepEqual(values("LayerNorm.weight"), [1, 1, 1]);
  assert.deepEqual(values("dense.bias"), [0, 0, 0]);
  const words = values("word_embeddings.weight");
  assert.ok(words.slice(40, 80).every((value) => value === 0));
  const drawn = [...words.slice(0, 40), ...words.slice(80)];
  // 1,960 draws: the sample's deviation is within 10 % of 0.02 and its mean within 4 standard errors of 0.
  const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
  const deviation = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0) / drawn.length);
  assert.ok(Math.abs(mean) < (4 * 0.02) / Math.sqrt(drawn.length), `mean ${mean}`);
  assert.ok(Math.abs(deviation - 0.02) < 0.002, `deviation ${deviation}`);
});
