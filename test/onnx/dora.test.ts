/** What stands beside LoRA's two matrices goes into an exported model's weights, and is refused as an input of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { exportOnnx } from "../../lib/onnx/export";
import { currentWeights } from "../../lib/onnx/weights";
import { assertClose, disposePeft, loadModel } from "../support/golden";

test("an adapter with DoRA or a bias of B is refused as inputs, by name", async () => {
  for (const name of ["useDora", "loraBias"]) {
    const model = getPeftModel(await loadModel("roberta-seed"), new LoraConfig({ r: 2, [name]: true }));
    assert.throws(
      () => exportOnnx(model, undefined as never, "", { lora: "inputs" }),
      new RegExp(`\`lora\`: expected an adapter without ${name} for "inputs"`),
    );
    disposePeft(model);
  }
});

test("a bias of B is in the bias of the merged layer, scaled", async () => {
  const base = await loadModel("roberta-seed");
  const path = "roberta.encoder.layer.0.attention.self.query";
  const own = base.parameters.get(`${path}.bias`)?.values() ?? [];
  const config = new LoraConfig({ r: 2, loraAlpha: 6, loraBias: true, initLoraWeights: false });
  const model = getPeftModel(base, config);
  const added = model.adapterParameters.get(`base_model.model.${path}.lora_B.bias`)?.values() ?? [];
  const merged = currentWeights(base)(`${path}.bias`).values();
  const expected = Array.from(own, (value, i) => value + 3 * (added[i] as number));
  assertClose(merged, expected, { absolute: 1e-6 }, "bias");
  disposePeft(model);
});
