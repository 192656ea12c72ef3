import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel, PeftModel } from "../../lib/lora/peft-model";
import type { Classifier } from "../../lib/model/classifier";
import { DropoutStream } from "../../lib/tensor/dropout";
import { tf } from "../../lib/tensor/tensorflow";
import { temporaryFolder } from "../support/folders";
import {
  type AdaptersFixture,
  assertClose,
  CASES,
  caseFile,
  disposePeft,
  forwardBatches,
  loadModel,
  loadPeft,
  logitsOf,
  read,
  readFixture,
} from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_BATCH, tinyModel } from "../support/tiny";
import { LOGITS } from "../support/tolerances";

interface InfoFixture {
  trainable_parameters: number;
  all_parameters: number;
  trainable_tensors: Record<string, number[]>;
}

// Tables 20 · 8 + 12 · 8 + 8 and a norm 16; a layer of 4 · 72 + 32 + 144 + 136; a head of 72 + 18.
const TINY_COUNT = 280 + 600 + 90;
const tinyLogits = (model: Classifier): Promise<number[][]> => read(model.forward(TINY_BATCH));

for (const name of CASES) {
  test(`${name}: logits with the adapter, with it off and after merging are PEFT's`, async () => {
    const expected = readFixture<AdaptersFixture>("cases", name, "adapters.json");
    const batches = forwardBatches(name);
    const model = await loadPeft(name, "adapter_random");
    assertClose(await logitsOf(model, batches), expected.logits_adapter_random, { absolute: LOGITS }, "adapter on");
    const off = await model.disableAdapter(() => logitsOf(model, batches));
    assertClose(off, expected.logits_adapter_random_disabled, { absolute: LOGITS }, "adapter off");
    assertClose(await logitsOf(model, batches), expected.logits_adapter_random, { absolute: LOGITS }, "on again");
    const before = new Map([...model.baseModel.parameters].map(([key, { value }]) => [key, value.dataSync()]));
    const names = [...before.keys()];
    const merged = model.mergeAndUnload();
    assertClose(await logitsOf(merged, batches), expected.logits_merged_random, { absolute: LOGITS }, "merged");
    assert.deepEqual([...merged.parameters.keys()], names);
    const changed = names.filter((key) => {
      const [old, now] = [before.get(key), merged.parameters.get(key)?.value.dataSync()];
      return old?.some((value, i) => value !== now?.[i]);
    });
    assert.deepEqual(changed.sort(), expected.merged_changed_tensors.toSorted());
    merged.dispose();
  });

  test(`${name}: what is trained, its names, shapes and counts are PEFT's`, async () => {
    const info = readFixture<InfoFixture>("cases", name, "info.json");
    const model = await loadPeft(name, "adapter_init");
    const trained = Object.fromEntries(model.trainableParameters().map(({ name, shape }) => [name, shape]));
    assert.deepEqual(trained, info.trainable_tensors);
    assert.deepEqual(model.parameterCounts(), { trainable: info.trainable_parameters, all: info.all_parameters });
    disposePeft(model);
  });
}

test("merged weights are those that PEFT writes", async () => {
  for (const name of CASES) {
    if (name === "roberta-8bit") continue; // has no such file
    const merged = (await loadPeft(name, "adapter_random")).mergeAndUnload();
    const file = SafetensorsFile.open(caseFile(name, "merged_some.safetensors"));
    for (const key of file.tensors.keys()) {
      assertClose(merged.parameters.get(key)?.value.dataSync() ?? [], file.readFloat32(key), { absolute: 1e-6 }, key);
    }
    merged.dispose();
  }
});

test("a new adapter, whose B is zero, leaves every logit as it was", async () => {
  for (const taskType of [undefined, "SEQ_CLS"] as const) {
    const base = await loadModel("roberta-head");
    const batches = forwardBatches("roberta-head");
    const before = await logitsOf(base, batches);
    const model = getPeftModel(base, new LoraConfig({ taskType, targetModules: ["query", "value", "dense"] }));
    assert.deepEqual(await logitsOf(model, batches), before);
    disposePeft(model);
  }
});

test("a saved adapter gives the same logits on a fresh model, also when it trains the head", async () => {
  for (const taskType of [undefined, "SEQ_CLS"] as const) {
    const folder = temporaryFolder();
    const model = getPeftModel(tinyModel(), new LoraConfig({ r: 2, loraAlpha: 3, taskType, useRslora: true }));
    moveEverything(model);
    model.savePretrained(folder);
    const again = await PeftModel.fromPretrained(tinyModel(), folder);
    assert.deepEqual(await tinyLogits(again), await tinyLogits(model));
    assert.deepEqual([again.trainableParameters(), again.peftConfig], [[], model.peftConfig]);
    const trainable = await PeftModel.fromPretrained(tinyModel(), folder, { isTrainable: true });
    assert.equal(trainable.trainableParameters().length, taskType === undefined ? 4 : 8);
  }
});

test("an adapter that does not fit leaves the model as it was", async () => {
  const folder = temporaryFolder();
  const saved = getPeftModel(tinyModel({ hidden_size: 4 }), new LoraConfig());
  saved.savePretrained(folder);
  const model = tinyModel();
  const before = await tinyLogits(model);
  await assertNothingKept(async () => {
    await assert.rejects(PeftModel.fromPretrained(model, folder), {
      name: "FileFormatError",
      message: /lora_A\.weight`: expected \[8, 8\], got \[8, 4\]/,
    });
  });
  assert.deepEqual(await tinyLogits(model), before);
  // The place is free again.
  getPeftModel(model, new LoraConfig());
});

test("a second adapter on the same model is refused until the first is taken off", () => {
  const base = tinyModel();
  const first = getPeftModel(base, new LoraConfig());
  assert.throws(
    () => getPeftModel(base, new LoraConfig()),
    /self\.query`: expected a layer without an adapter\. Call unload/,
  );
  first.unload();
  getPeftModel(base, new LoraConfig()).mergeAndUnload();
  getPeftModel(base, new LoraConfig());
});

test("target modules that fit no layer are an error that names the layers", () => {
  assert.throws(
    () => getPeftModel(tinyModel(), new LoraConfig({ targetModules: ["q_proj"] })),
    /`targetModules`: expected names at the end of attention\.self\.query, .*output\.dense.*; got q_proj\./,
  );
});

test("removing an adapter, merged or not, frees everything that it held", async () => {
  await assertNothingKept(() => {
    const base = tinyModel();
    getPeftModel(base, new LoraConfig({ taskType: "SEQ_CLS" })).unload();
    getPeftModel(base, new LoraConfig({ taskType: "SEQ_CLS" })).mergeAndUnload();
    base.dispose();
  });
});

test("merging changes no logit, and unmerging restores exactly the weights from before", async () => {
  const options = { taskType: "SEQ_CLS", modulesToSave: ["LayerNorm"], bias: "lora_only" } as const;
  const model = getPeftModel(tinyModel(), new LoraConfig(options));
  moveEverything(model);
  const on = await tinyLogits(model);
  const off = await model.disableAdapter(() => tinyLogits(model));
  await assertNothingKept(async () => {
    model.merge();
    assertClose(await tinyLogits(model), on, { absolute: LOGITS });
    assert.deepEqual(await model.disableAdapter(() => tinyLogits(model)), off);
    assert.throws(() => model.merge(), /`merge`: expected an adapter that is not merged\. Call unmerge\(\) first\.$/);
    assert.throws(
      () => model.forward(TINY_BATCH, { dropout: new DropoutStream(1, 0) }),
      /expected an adapter that is not merged for training/,
    );
    model.unmerge();
    assert.throws(() => model.unmerge(), /`unmerge`: expected a merged adapter\. Call merge\(\) first\.$/);
    assert.deepEqual(await tinyLogits(model), on);
  });
});

test("a merged adapter can be saved, loaded into and merged for good, as one that is not merged", async () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  const config = new LoraConfig({ r: 2 });
  const model = getPeftModel(tinyModel(), config);
  model.savePretrained(folders[0]);
  const first = await tinyLogits(model);
  moveEverything(model);
  model.merge();
  const moved = await tinyLogits(model);
  model.savePretrained(folders[1]);
  await model.load(folders[0]);
  assertClose(await tinyLogits(model), first, { absolute: LOGITS });
  await model.load(folders[1]);
  assert.deepEqual(await tinyLogits(model.mergeAndUnload()), moved);
});

test("trained biases are the model's own: they stay when the adapter is off, and are counted once", async () => {
  const base = tinyModel();
  const before = await tinyLogits(base);
  const model = getPeftModel(base, new LoraConfig({ r: 2, bias: "lora_only" }));
  // Two biases of 8 beside two pairs of matrices.
  assert.deepEqual(model.parameterCounts(), { trainable: 16 + 64, all: TINY_COUNT + 64 });
  moveEverything(model);
  assert.notDeepEqual(await model.disableAdapter(() => tinyLogits(model)), before);
  const all = getPeftModel(tinyModel(), new LoraConfig({ r: 2, bias: "all", taskType: "SEQ_CLS" }));
  const names = [...all.adapterParameters.keys()].filter((name) => name.endsWith("bias"));
  assert.deepEqual(
    names.map((name) => name.replace(/^base_model\.model\.(roberta\.)?(encoder\.layer\.0\.)?/, "")),
    [
      "classifier.dense.bias",
      "classifier.out_proj.bias",
      "embeddings.LayerNorm.bias",
      "attention.self.query.base_layer.bias",
      "attention.self.key.bias",
      "attention.self.value.base_layer.bias",
      "attention.output.dense.bias",
      "attention.output.LayerNorm.bias",
      "intermediate.dense.bias",
      "output.dense.bias",
      "output.LayerNorm.bias",
    ],
  );
});

test("the adapter is on again after an error inside disableAdapter", async () => {
  const model = getPeftModel(tinyModel(), new LoraConfig({ taskType: "SEQ_CLS" }));
  moveEverything(model);
  const on = await tinyLogits(model);
  await assert.rejects(
    model.disableAdapter(() => {
      throw new Error("stop");
    }),
    /stop/,
  );
  assert.deepEqual(await tinyLogits(model), on);
  assert.notDeepEqual(await model.disableAdapter(() => tinyLogits(model)), on);
});

test("the adapter stays off until the last of several calls of disableAdapter has ended", async () => {
  const model = getPeftModel(tinyModel(), new LoraConfig({ taskType: "SEQ_CLS" }));
  moveEverything(model);
  const on = await tinyLogits(model);
  const off = await model.disableAdapter(() => tinyLogits(model));
  const inside = await model.disableAdapter(async () => {
    await model.disableAdapter(() => undefined);
    return tinyLogits(model);
  });
  assert.deepEqual(inside, off);
  let release = (): void => {};
  const wait = new Promise<void>((resolve) => (release = resolve));
  const beside = model.disableAdapter(async () => {
    await wait;
    return tinyLogits(model);
  });
  await model.disableAdapter(() => undefined);
  release();
  assert.deepEqual(await beside, off);
  // An adapter that is merged inside the call stays off too.
  const merged = await model.disableAdapter(() => {
    model.merge();
    return tinyLogits(model);
  });
  assert.deepEqual(merged, off);
  model.unmerge();
  assert.deepEqual(await tinyLogits(model), on);
});

test("an adapter that was taken off inside disableAdapter does not come back", async () => {
  const base = tinyModel();
  const before = await tinyLogits(base);
  const model = getPeftModel(base, new LoraConfig({ taskType: "SEQ_CLS" }));
  await model.disableAdapter(() => model.unload());
  assert.deepEqual(await tinyLogits(base), before);
});

test("taking the adapter off makes exactly those weights trainable that were so before it", async () => {
  const folder = temporaryFolder();
  const wrong = getPeftModel(tinyModel({ hidden_size: 4 }), new LoraConfig({ bias: "all" }));
  wrong.savePretrained(folder);
  const base = tinyModel();
  for (const parameter of base.parameters.values())
    parameter.requiresGrad = parameter.name.startsWith("classifier.out");
  const before = base.trainableParameters();
  assert.equal(before.length, 2);
  await assert.rejects(PeftModel.fromPretrained(base, folder));
  assert.deepEqual(base.trainableParameters(), before);
  for (const bias of ["none", "all", "lora_only"] as const) {
    assert.deepEqual(getPeftModel(base, new LoraConfig({ bias })).unload().trainableParameters(), before);
    assert.deepEqual(getPeftModel(base, new LoraConfig({ bias })).mergeAndUnload().trainableParameters(), before);
  }
});

test("the counts are printed in PEFT's words", (t) => {
  const lines: unknown[] = [];
  t.mock.method(console, "log", (line: unknown) => lines.push(line));
  const model = getPeftModel(tinyModel(), new LoraConfig());
  model.printTrainableParameters();
  // Query and value of one layer, each 8 · 8 + 8 · 8 elements.
  assert.deepEqual(model.parameterCounts(), { trainable: 256, all: TINY_COUNT + 256 });
  assert.deepEqual(lines, ["trainable params: 256 || all params: 1,226 || trainable%: 20.8809"]);
  assert.match(inspect(model), /^PeftModel\(LoraConfig\(.*r: 8.*\), RobertaForSequenceClassification\(/);
});

test("rank and head change the counts by the formula of two matrices a layer and one copied head", () => {
  const { base, hidden, labels } = { base: TINY_COUNT, hidden: 8, labels: 2 };
  for (const r of [1, 8, 16]) {
    // One layer, query and value: A is r · hidden, B hidden · r.
    const lora = 2 * (r * hidden + hidden * r);
    const head = hidden * hidden + hidden + labels * hidden + labels;
    const count = (options: { taskType?: "SEQ_CLS" }): unknown =>
      getPeftModel(tinyModel(), new LoraConfig({ r, ...options })).parameterCounts();
    assert.deepEqual(count({}), { trainable: lora, all: base + lora });
    assert.deepEqual(count({ taskType: "SEQ_CLS" }), { trainable: lora + head, all: base + lora + head });
  }
});

test("an adapter folder that lacks a file is an error that names it", async () => {
  const folder = temporaryFolder();
  await assert.rejects(
    PeftModel.fromPretrained(tinyModel(), join(folder, "none")),
    /none\/adapter_config\.json: expected/,
  );
});

/** Gives every weight of the adapter another value, as training would. */
function moveEverything(model: PeftModel): void {
  for (const { value } of model.adapterParameters.values()) {
    tf.tidy(() => value.assign(tf.add(value, tf.mul(tf.sin(tf.range(0, value.size)), 0.1).reshape(value.shape))));
  }
}
