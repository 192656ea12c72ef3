import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile, type TensorData, writeSafetensors } from "../../lib/files/safetensors";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { SequenceClassifier } from "../../lib/model/classifier";
import { livingParameters } from "../../lib/model/parameters";
import { freeModels } from "../../lib/model/weight-cache";
import { tf } from "../../lib/tensor/tensorflow";
import { temporaryFolder } from "../support/folders";
import { TINY_BATCH, TINY_ROWS, tinyModel } from "../support/tiny";

const folder = (): string => {
  const place = join(temporaryFolder(), "model");
  const model = tinyModel();
  model.savePretrained(place);
  model.dispose();
  return place;
};

const logits = async (model: SequenceClassifier): Promise<number[][]> => {
  const result = model.forward(TINY_BATCH);
  const values = await result.array();
  result.dispose();
  return values;
};

test("two models of one folder hold their weights once, until one of them changes", async () => {
  const place = folder();
  const first = await SequenceClassifier.fromPretrained(place);
  const before = tf.memory().numDataBuffers;
  const second = await SequenceClassifier.fromPretrained(place);
  assert.equal(tf.memory().numDataBuffers, before);
  const original = await logits(first);
  assert.deepEqual(await logits(second), original);

  // The adapter's update goes into the weights of one model alone.
  getPeftModel(second, new LoraConfig({ r: 2, initLoraWeights: false })).mergeAndUnload();
  assert.notDeepEqual(await logits(second), original);
  assert.deepEqual(await logits(first), original);

  // Whoever is loaded now gets what is in the folder.
  const third = await SequenceClassifier.fromPretrained(place);
  assert.deepEqual(await logits(third), original);
  first.dispose();
  assert.deepEqual(await logits(third), original);
  for (const model of [second, third]) model.dispose();
});

test("weights are read again when a file, the dtype or the number of labels is another", async (t) => {
  const place = folder();
  const model = await SequenceClassifier.fromPretrained(place);
  const before = await logits(model);
  const other = tinyModel({}, 8);
  other.savePretrained(place);
  // Files as large as before, which a clock that stands still tells from nothing.
  const later = new Date(Date.now() + 10_000);
  utimesSync(join(place, "model.safetensors"), later, later);
  const changed = await SequenceClassifier.fromPretrained(place);
  assert.notDeepEqual(await logits(changed), before);
  const half = await SequenceClassifier.fromPretrained(place, { dtype: "bfloat16" });
  assert.notDeepEqual(await logits(half), await logits(changed));
  const warn = t.mock.method(console, "warn", () => undefined);
  const three = await SequenceClassifier.fromPretrained(place, { numLabels: 3 });
  assert.equal(warn.mock.callCount(), 1);
  assert.deepEqual(
    (await logits(three)).map((row) => row.length),
    TINY_ROWS.map(() => 3),
  );
  for (const each of [model, other, changed, half, three]) each.dispose();
});

test("freeModels leaves the weights that were read last, and the next load of the folder takes them", async () => {
  const place = folder();
  const run = async (): Promise<number> => {
    freeModels();
    const model = await SequenceClassifier.fromPretrained(place);
    getPeftModel(model, new LoraConfig({ r: 4 }));
    await SequenceClassifier.fromPretrained(place);
    return tf.memory().numTensors;
  };
  const first = await run();
  const buffers = tf.memory().numDataBuffers;
  assert.deepEqual([await run(), await run()], [first, first]);
  assert.equal(tf.memory().numDataBuffers, buffers);

  // Another folder needs its room, and a model that was freed says so.
  const model = await SequenceClassifier.fromPretrained(place);
  freeModels();
  await assert.rejects(logits(model), /disposed/);
  const elsewhere = await SequenceClassifier.fromPretrained(folder());
  assert.equal(livingParameters().size, elsewhere.parameters.size);
  freeModels();
});

test("a model that is disposed of twice, or after freeModels, leaves the weights to the others", async () => {
  const place = folder();
  const [first, second] = [
    await SequenceClassifier.fromPretrained(place),
    await SequenceClassifier.fromPretrained(place),
  ];
  const before = await logits(second);
  first.dispose();
  first.dispose();
  assert.deepEqual(await logits(second), before);
  freeModels();
  second.dispose();
  const third = await SequenceClassifier.fromPretrained(place);
  assert.deepEqual(await logits(third), before);
  third.dispose();
});

test("each model of a folder without a head warns that its head is new, also where the weights are shared", async (t) => {
  const place = folder();
  const file = SafetensorsFile.open(join(place, "model.safetensors"));
  const names = [...file.tensors.keys()].filter((name) => !name.startsWith("classifier."));
  const data = (name: string): TensorData => ({
    shape: file.tensors.get(name)?.shape ?? [],
    values: file.readFloat32(name),
  });
  writeSafetensors(file.path, new Map(names.map((name) => [name, data(name)])));
  const warn = t.mock.method(console, "warn", () => undefined);
  const first = await SequenceClassifier.fromPretrained(place);
  const second = await SequenceClassifier.fromPretrained(place);
  freeModels();
  const third = await SequenceClassifier.fromPretrained(place);
  const message = `${place} has no weights for classifier.dense and classifier.out_proj: they are new, train them before use.`;
  assert.deepEqual(
    warn.mock.calls.map(({ arguments: [text] }) => text),
    Array(3).fill(message),
  );
  for (const model of [first, second, third]) model.dispose();
});
