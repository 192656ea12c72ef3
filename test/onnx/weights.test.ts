import assert from "node:assert/strict";
import { test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { currentWeights, quantized, rowScales, transposed } from "../../lib/onnx/weights";
import { assertNothingKept } from "../support/memory";
import { tinyModel } from "../support/tiny";

test("a matrix is turned round, whatever its elements", () => {
  assert.deepEqual(transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 3), Float32Array.of(1, 4, 2, 5, 3, 6));
  assert.deepEqual(transposed(Int8Array.of(1, 2, 3, 4, 5, 6), 2), Int8Array.of(1, 3, 5, 2, 4, 6));
});

test("each row is quantized by its largest value, to within half a step, and a row of zeros stays one", () => {
  const values = Float32Array.of(0.6, -1, 0.1, 0, 0, 0, 300, 299, -2);
  const [codes, scales] = [quantized(values, 3, 63), rowScales(values, 3, 63)];
  assert.deepEqual([...codes], [38, -63, 6, 0, 0, 0, 63, 63, 0]);
  values.forEach((value, i) => {
    const scale = scales[Math.floor(i / 3)] as number;
    assert.ok(Math.abs((codes[i] as number) * scale - value) <= scale / 2 + 1e-6);
  });
});

test("weights are read as the model computes with them: update merged, trained copies, and the originals again when it is off", async () => {
  const model = tinyModel();
  const path = "roberta.encoder.layer.0.attention.self.query";
  const [matrix, head] = [`${path}.weight`, "classifier.dense.weight"];
  const own = model.parameters.get(matrix)?.values();
  const peftModel = getPeftModel(model, new LoraConfig({ r: 2, taskType: "SEQ_CLS", initLoraWeights: false }));
  const weight = currentWeights(model);
  const [merged, copy] = [weight(matrix).values(), weight(head)];
  assert.notDeepEqual(merged, own);
  assert.equal(copy, peftModel.adapterParameters.get(`base_model.model.${head}`));
  await assertNothingKept(() => weight(matrix).values());
  await peftModel.disableAdapter(() => assert.deepEqual(weight(matrix).values(), own));
  assert.deepEqual(peftModel.mergeAndUnload().parameters.get(matrix)?.values(), merged);
  assert.throws(() => weight("roberta.pooler.weight"), /`roberta.pooler.weight`: expected a weight, .* got none/);
  model.dispose();
});
