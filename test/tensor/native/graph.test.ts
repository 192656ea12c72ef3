import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fusedKernels } from "../../../lib/tensor/native/library";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import { temporaryFolder } from "../../support/folders";
import { noKernels } from "../../support/kernels";
import { assertNothingKept } from "../../support/memory";

/** One field of a protocol buffer: numbers as varints, everything else with its length before it. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === "number") return Buffer.from([number << 3, (value & 0x7f) | 0x80, value >> 7]);
  const bytes = Buffer.from(value);
  assert.ok(bytes.length < 2 ** 14);
  return Buffer.concat([Buffer.from([(number << 3) | 2, (bytes.length & 0x7f) | 0x80, bytes.length >> 7]), bytes]);
}

function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

const FLOAT = 1;

/** A node of a graph whose dtype attributes are all float32. */
function node(name: string, op: string, inputs: string[], dtypes: string[]): Buffer {
  const attributes = dtypes.map((dtype) => field(5, message(field(1, dtype), field(2, field(6, FLOAT)))));
  return field(1, message(field(1, name), field(2, op), ...inputs.map((input) => field(3, input)), ...attributes));
}

/** A saved model that computes sum(a · b · b) of two float32 matrices, the second product by TensorFlow's own operation. */
function savedModel(): Buffer {
  const graph = message(
    node("a", "Placeholder", [], ["dtype"]),
    node("b", "Placeholder", [], ["dtype"]),
    node("fused", "EthicsMultiply", ["a", "b"], ["T"]),
    node("y", "Mul", ["fused", "b"], ["T"]),
    field(4, field(1, 1987)),
  );
  const info = (side: number, name: string): Buffer =>
    field(
      side,
      message(field(1, name), field(2, message(field(1, `${name}:0`), field(2, FLOAT), field(3, field(3, 1))))),
    );
  const signature = message(info(1, "a"), info(1, "b"), info(2, "y"));
  const metaGraph = message(
    field(1, field(4, "serve")),
    field(2, graph),
    field(5, message(field(1, "serving_default"), field(2, signature))),
  );
  return message(field(1, 1), field(2, metaGraph));
}

test("a kernel can be part of a graph, before operations that ask for its output's shape", {
  skip: noKernels,
}, async () => {
  assert.ok(fusedKernels());
  const folder = temporaryFolder();
  writeFileSync(join(folder, "saved_model.pb"), savedModel());
  await assertNothingKept(async () => {
    const model = await tf.node.loadSavedModel(folder);
    const [a, b] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.tensor2d([1, 0, 2, 0, 1, 3], [2, 3])];
    const y = model.predict({ a, b }) as unknown as { y: Tensor } | Tensor;
    const result = y instanceof tf.Tensor ? y : y.y;
    assert.deepEqual(result.arraySync(), [
      [1, 0, 12],
      [0, 5, 54],
    ]);
    tf.dispose([a, b, result]);
    model.dispose();
  });
});
