/** DoRA with dropout, whose draws no Python library has: held to what LoRA computes with the same masks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { DropoutStream } from "../../lib/tensor/dropout";
import { tf } from "../../lib/tensor/tensorflow";
import { computeGradients } from "../../lib/train/train-step";
import { assertClose, disposePeft, forwardBatches, type GoldenBatch, loadModel, toRows } from "../support/golden";

test("while the magnitudes are the rows' own lengths, DoRA's loss is LoRA's, with dropout too", async () => {
  const losses: number[] = [];
  for (const useDora of [false, true]) {
    const config = new LoraConfig({ r: 4, loraDropout: 0.3, initLoraWeights: false, useDora });
    const model = getPeftModel(await loadModel("roberta-seed"), config, { seed: 5 });
    const before = tf.memory().numTensors;
    const rows = toRows(forwardBatches("roberta-seed")[0] as GoldenBatch);
    const { loss, gradients } = computeGradients(model, rows, { dropout: new DropoutStream(7, 0) });
    losses.push(loss.dataSync()[0] as number);
    assert.equal(gradients.size, model.adapterParameters.size);
    tf.dispose([loss, ...gradients.values()]);
    assert.equal(tf.memory().numTensors, before);
    disposePeft(model);
  }
  assertClose([losses[1] as number], [losses[0] as number], { absolute: 1e-5 }, "loss");
});
