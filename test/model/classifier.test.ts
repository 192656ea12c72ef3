import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { rowCrossEntropy } from "../../lib/evaluate/loss";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { maxTokens } from "../../lib/model/config";
import type { LinearLayer } from "../../lib/model/linear";
import { packBatch } from "../../lib/model/packing";
import { Parameter } from "../../lib/model/parameters";
import { tf } from "../../lib/tensor/tensorflow";
import { temporaryFolder, writeFiles } from "../support/folders";
import { assertClose, CASES, forwardBatches, loadModel, read, toBatch } from "../support/golden";
import { assertNothingKept, held } from "../support/memory";
import { TINY_BATCH, tinyModel } from "../support/tiny";
import { LOGITS, LOSS } from "../support/tolerances";

for (const name of CASES) {
  test(`${name}: logits, loss and hidden states of all seven batches are the reference's`, async () => {
    const model = await loadModel(name);
    const batches = forwardBatches(name);
    assert.equal(batches.length, 7);
    assert.equal(batches.filter((batch) => batch.first_token_of_each_hidden_state !== null).length, 2);
    for (const batch of batches) {
      const rules = { ...model.config, maxTokens: maxTokens(model.config), positions: model.family.positions };
      const { sequences } = packBatch(toBatch(batch), rules);
      const firstTokens: number[][][] = [];
      const logits = await read(
        model.forwardWithHidden(toBatch(batch), (hidden) => {
          const rows = hidden.arraySync();
          firstTokens.push(sequences.map(({ start }) => rows[start] as number[]));
        }),
      );
      assertClose(logits, batch.logits, { absolute: LOGITS }, `logits of ${batch.what}`);
      const losses = logits.map((row, i) => rowCrossEntropy(row, batch.labels[i] as number));
      const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
      assertClose(loss, batch.loss, { absolute: LOSS }, `loss of ${batch.what}`);
      const expected = batch.first_token_of_each_hidden_state;
      if (expected !== null) assertClose(firstTokens, expected, { absolute: LOGITS }, `hidden of ${batch.what}`);
    }
    model.dispose();
  });
}

test("a forward pass keeps no tensor and no handle, and neither does a model that is freed", async () => {
  await assertNothingKept(async () => {
    const model = tinyModel();
    await read(model.forward(TINY_BATCH));
    await assertNothingKept(() => read(model.forward(TINY_BATCH)));
    model.dispose();
  });
});

test("a forward pass holds one layer's output at a time", async () => {
  const model = tinyModel({ num_hidden_layers: 5 });
  const counts: number[] = [];
  for (const slot of model.linears.values()) {
    const { layer } = slot;
    if (!slot.path.endsWith(".query")) continue;
    const forward: LinearLayer["forward"] = (...given) => {
      counts.push(held().handles);
      return layer.forward(...given);
    };
    slot.layer = { inFeatures: layer.inFeatures, outFeatures: layer.outFeatures, forward };
  }
  await read(model.forward(TINY_BATCH));
  // The last layer has the rows of the first tokens beside its input.
  const [first] = counts;
  assert.deepEqual(counts.slice(0, 4), [first, first, first, first]);
  model.dispose();
});

test("rows are answered the same alone, together, in another order and with padding", async () => {
  const model = tinyModel();
  const together = await read(model.forward(TINY_BATCH));
  const reversed = await read(model.forward({ inputIds: TINY_BATCH.inputIds.toReversed() }));
  assertClose(reversed.toReversed(), together, { absolute: 1e-6 });
  const padded = TINY_BATCH.inputIds.map((ids) => [...ids, ...Array<number>(8 - ids.length).fill(1)]);
  const attentionMask = TINY_BATCH.inputIds.map((ids) => Array.from({ length: 8 }, (_, i) => Number(i < ids.length)));
  assertClose(await read(model.forward({ inputIds: padded, attentionMask })), together, { absolute: 1e-6 });
  model.dispose();
});

test("a saved model gives the same logits when it is loaded again, and its weights are frozen", async () => {
  const folder = temporaryFolder();
  const model = tinyModel({ id2label: { 0: "bad", 1: "good" }, custom: "kept" });
  assert.ok([...model.parameters.values()].every(({ requiresGrad }) => requiresGrad));
  model.savePretrained(folder);
  const loaded = await AutoModelForSequenceClassification.fromPretrained(folder);
  assert.deepEqual(await read(loaded.forward(TINY_BATCH)), await read(model.forward(TINY_BATCH)));
  assert.deepEqual(loaded.trainableParameters(), []);
  assert.deepEqual(loaded.config, model.config);
  const json = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  assert.deepEqual([json.custom, json.dtype], ["kept", "float32"]);
  assert.match(inspect(loaded), /^RobertaForSequenceClassification\(1 layers, hidden 8, 2 heads, labels bad \/ good, /);
});

test("a model's weights are copied out of TensorFlow one by one, as they are written", (t) => {
  const file = join(temporaryFolder(), "model.safetensors");
  const model = tinyModel();
  const sizes: number[] = [];
  const original = Parameter.prototype.values;
  t.mock.method(Parameter.prototype, "values", function (this: Parameter) {
    sizes.push(statSync(`${file}.${process.pid}.part`).size);
    return original.call(this);
  });
  model.savePretrained(dirname(file));
  assert.equal(new Set(sizes).size, model.parameters.size);
  model.dispose();
});

test("a model saved in half precision holds the nearest float16 of each weight", async () => {
  const folder = temporaryFolder();
  const model = tinyModel();
  model.savePretrained(folder, { half: true });
  const file = SafetensorsFile.open(join(folder, "model.safetensors"));
  const loaded = await AutoModelForSequenceClassification.fromPretrained(folder);
  for (const [name, { value }] of model.parameters) {
    assert.equal(file.tensors.get(name)?.dtype, "F16");
    const stored = loaded.parameters.get(name)?.value.dataSync() as Float32Array;
    // float16 has 11 bits: half a unit in the last place is at most 2⁻¹¹ of the value, or 2⁻²⁵ for the smallest.
    assertClose(stored, value.dataSync() as Float32Array, { relative: 2 ** -11, absolute: 2 ** -25 }, name);
  }
});

test("the same seed makes the same model, another seed another", () => {
  const bytes = (seed: number): Float32Array =>
    tf
      .tidy(() => tf.concat([...tinyModel({}, seed).parameters.values()].map(({ value }) => value.flatten())))
      .dataSync() as Float32Array;
  assert.deepEqual(bytes(7), bytes(7));
  assert.notDeepEqual(bytes(7), bytes(8));
});

test("load takes all weights of a folder or none of them", async () => {
  const folder = temporaryFolder();
  const [model, other, wider] = [tinyModel({}, 1), tinyModel({}, 2), tinyModel({ vocab_size: 21 }, 3)];
  other.savePretrained(folder);
  await model.load(folder);
  assert.deepEqual(await read(model.forward(TINY_BATCH)), await read(other.forward(TINY_BATCH)));
  wider.savePretrained(folder);
  const before = await read(model.forward(TINY_BATCH));
  await assertNothingKept(async () => {
    await assert.rejects(model.load(folder), /word_embeddings\.weight`: expected \[20, 8\], got \[21, 8\]/);
  });
  assert.deepEqual(await read(model.forward(TINY_BATCH)), before);
  writeFiles(folder, { "model.safetensors": "short" });
  await assert.rejects(model.load(folder), /model\.safetensors: expected at least 8 bytes, got 5/);
});
