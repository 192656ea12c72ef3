import assert from "node:assert/strict";
import { test } from "node:test";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { parseConfig, readConfig } from "../../lib/model/config";
import { tensorShapes } from "../../lib/model/encoder";
import { CASES, caseFile } from "../support/golden";

test("a RoBERTa of large size has 393 tensors and 355,361,794 parameters", () => {
  const shapes = tensorShapes(
    parseConfig(
      {
        model_type: "roberta",
        vocab_size: 50265,
        hidden_size: 1024,
        num_hidden_layers: 24,
        num_attention_heads: 16,
        intermediate_size: 4096,
        max_position_embeddings: 514,
        type_vocab_size: 1,
      },
      "config.json",
    ),
  );
  const sizes = [...shapes.values()].map((shape) => shape.reduce((product, size) => product * size, 1));
  // 5 tensors of the embeddings, 16 a layer, 4 of the head; the count is that of the Hugging Face class without pooler.
  assert.equal(shapes.size, 5 + 24 * 16 + 4);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    355_361_794,
  );
});

for (const name of CASES) {
  test(`${name}: names and shapes are those of a checkpoint that Python wrote`, () => {
    const { config } = readConfig(caseFile(name, "model"));
    const { tensors } = SafetensorsFile.open(caseFile(name, "model", "model.safetensors"));
    const written = Object.fromEntries([...tensors].map(([tensor, { shape }]) => [tensor, shape]));
    assert.deepEqual(Object.fromEntries(tensorShapes(config)), written);
  });
}
