import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { rowCrossEntropy } from "../../lib/evaluate/loss";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/tensor/autodiff";
import { DropoutStream } from "../../lib/tensor/dropout";
import { floatDtype, tensorBytes } from "../../lib/tensor/raw-op";
import { type Tensor, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { temporaryFolder } from "../support/folders";
import {
  type AdaptersFixture,
  assertClose,
  CASES,
  caseFile,
  disposePeft,
  forwardBatches,
  type GoldenBatch,
  loadModel,
  loadPeft,
  logitsOf,
  readFixture,
  toBatch,
} from "../support/golden";
import { weightedSum } from "../support/gradients";
import { assertNothingKept } from "../support/memory";
import { BFLOAT16, BFLOAT16_RUN, LOGITS } from "../support/tolerances";

const isHalf = ({ value }: Parameter): boolean => floatDtype(value) === "bfloat16";

for (const name of CASES) {
  test(`${name}: logits and losses in bfloat16 are near the reference's in float32`, async () => {
    const batches = forwardBatches(name);
    await assertNothingKept(async () => {
      const model = await loadModel(name, "bfloat16");
      const logits = await logitsOf(model, batches);
      for (const [i, batch] of batches.entries()) {
        const losses = (logits[i] ?? []).map((row, k) => rowCrossEntropy(row, batch.labels[k] as number));
        const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
        assertClose(logits[i] ?? [], batch.logits, { absolute: BFLOAT16.logits }, `logits of ${batch.what}`);
        assertClose(loss, batch.loss, { absolute: BFLOAT16.loss }, `loss of ${batch.what}`);
      }
      // Were they as near as float32's, nothing would have been rounded.
      const expected = batches.map((batch) => batch.logits);
      assert.throws(() => assertClose(logits, expected, { absolute: 10 * LOGITS }));
      model.dispose();
    });
  });

  test(`${name}: an adapter over bfloat16 is near PEFT's in float32, on, off and merged`, async () => {
    const expected = readFixture<AdaptersFixture>("cases", name, "adapters.json");
    const batches = forwardBatches(name);
    const near = { absolute: BFLOAT16.logits };
    await assertNothingKept(async () => {
      const model = await loadPeft(name, "adapter_random", "bfloat16");
      assert.ok(!model.trainableParameters().some(isHalf));
      const on = await logitsOf(model, batches);
      assertClose(on, expected.logits_adapter_random, near, "on");
      const off = await model.disableAdapter(() => logitsOf(model, batches));
      assertClose(off, expected.logits_adapter_random_disabled, near, "off");
      model.merge();
      assertClose(await logitsOf(model, batches), expected.logits_merged_random, near, "merged for a while");
      model.unmerge();
      assert.deepEqual(await logitsOf(model, batches), on);
      const merged = model.mergeAndUnload();
      assertClose(await logitsOf(merged, batches), expected.logits_merged_random, near, "merged");
      merged.dispose();
    });
  });
}

test("dropout in front of adapters on every layer drops the same over bfloat16 as over float32", async () => {
  const config = new LoraConfig({ loraDropout: 0.5, targetModules: "all-linear", initLoraWeights: false });
  const [batch] = forwardBatches("roberta-head");
  const results: { logits: number[][]; gradients: number[] }[] = [];
  for (const dtype of ["float32", "bfloat16"] as const) {
    const model = getPeftModel(await loadModel("roberta-head", dtype), config);
    let logits: number[][] = [];
    const { value, gradients } = gradientsOf<Parameter>(() =>
      tf.tidy(() => {
        const answer = model.forward(toBatch(batch as GoldenBatch), { dropout: new DropoutStream(1, 0) }) as Tensor2D;
        logits = answer.arraySync();
        return weightedSum(answer);
      }),
    );
    results.push({
      logits,
      gradients: [...model.adapterParameters.values()].flatMap((weight) => [
        ...(gradients.get(weight)?.dataSync() ?? []),
      ]),
    });
    tf.dispose([value, ...gradients.values()]);
    disposePeft(model);
  }
  const [exact, rounded] = results;
  assertClose(rounded?.logits ?? [], exact?.logits ?? [], { absolute: BFLOAT16.logits });
  const difference = exact?.gradients.map((value, i) => value - (rounded?.gradients[i] ?? Number.NaN)) ?? [];
  assert.ok(Math.hypot(...difference) < BFLOAT16_RUN.norm * Math.hypot(...(exact?.gradients ?? [])));
});

test("the matrices of the layers are held in two bytes a number, all else in four", async () => {
  const model = await loadModel("roberta-head", "bfloat16");
  const half = [...model.parameters.values()].filter(isHalf);
  const layers = model.config.numHiddenLayers;
  // Query, key, value and output of attention, and two of the feed-forward network.
  assert.equal(half.length, 6 * layers);
  assert.ok(half.every(({ name }) => /\.encoder\.layer\.\d+\..*\.weight$/.test(name)));
  for (const parameter of model.parameters.values()) {
    assert.equal(tensorBytes(parameter.value), parameter.size * (isHalf(parameter) ? 2 : 4), parameter.name);
  }
  model.dispose();
});

test("a weight is the nearest bfloat16 of the file's", async () => {
  const model = await loadModel("roberta-head", "bfloat16");
  const file = SafetensorsFile.open(caseFile("roberta-head", "model", "model.safetensors"));
  for (const parameter of model.parameters.values()) {
    // Eight bits: half a unit in the last place is at most 2⁻⁸ of the value's power of two.
    const tolerance = isHalf(parameter) ? { relative: 2 ** -8 } : {};
    assertClose(parameter.values(), file.readFloat32(parameter.name), tolerance, parameter.name);
  }
  model.dispose();
});

test("a saved model in bfloat16 has the same logits when it is loaded again, into a new model or an old one", async (t) => {
  const folder = temporaryFolder();
  const batches = forwardBatches("bert");
  const model = (await loadPeft("bert", "adapter_random", "bfloat16")).mergeAndUnload();
  const logits = await logitsOf(model, batches);
  model.savePretrained(folder);
  const file = SafetensorsFile.open(join(folder, "model.safetensors"));
  for (const [name, parameter] of model.parameters) {
    assert.deepEqual(file.readFloat32(name), parameter.values(), name);
  }
  const again = await AutoModelForSequenceClassification.fromPretrained(folder, { dtype: "bfloat16" });
  assert.deepEqual(await logitsOf(again, batches), logits);
  const other = await loadModel("bert", "bfloat16");
  assert.notDeepEqual(await logitsOf(other, batches), logits);
  const dtypes: [string, string][] = [];
  const assign = Parameter.prototype.assign;
  t.mock.method(Parameter.prototype, "assign", function (this: Parameter, values: Tensor) {
    dtypes.push([floatDtype(values), floatDtype(this.value)]);
    assign.call(this, values);
  });
  await assertNothingKept(() => other.load(folder));
  // A float32 copy of the whole model is never there.
  assert.equal(dtypes.length, other.parameters.size);
  for (const [given, own] of dtypes) assert.equal(given, own);
  assert.deepEqual(await logitsOf(other, batches), logits);
  assert.deepEqual([...other.parameters.values()].map(isHalf), [...model.parameters.values()].map(isHalf));
  // In float32 the same weights give what bfloat16 rounded on the way.
  const exact = await AutoModelForSequenceClassification.fromPretrained(folder);
  assert.ok(![...exact.parameters.values()].some(isHalf));
  assertClose(await logitsOf(exact, batches), logits, { absolute: BFLOAT16.logits });
  for (const each of [model, again, other, exact]) each.dispose();
});

test("an adapter that was trained over bfloat16 is saved in float32 as it is", async () => {
  const folder = temporaryFolder();
  const model = await loadPeft("roberta-head", "adapter_random", "bfloat16");
  for (const { value } of model.trainableParameters()) tf.tidy(() => value.assign(tf.add(value, 2 ** -20)));
  const logits = await logitsOf(model, forwardBatches("roberta-head"));
  model.savePretrained(folder);
  const other = await loadPeft("roberta-head", "adapter_init", "bfloat16");
  await other.load(folder);
  assert.deepEqual(await logitsOf(other, forwardBatches("roberta-head")), logits);
  for (const each of [model, other]) disposePeft(each);
});
