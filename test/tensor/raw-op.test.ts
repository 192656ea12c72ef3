import assert from "node:assert/strict";
import { test } from "node:test";
import { castUint8, copied, rawOp, tensorBytes, toUint8 } from "../../lib/tensor/raw-op";
import { tf } from "../../lib/tensor/tensorflow";
import { assertNothingKept } from "../support/memory";

test("bytes are held as one byte an element and read back through int32", async () => {
  await assertNothingKept(() => {
    const wide = tf.tensor1d([0, 1, 127, 128, 255], "int32");
    const bytes = toUint8(wide);
    assert.deepEqual([tensorBytes(bytes), tensorBytes(wide), bytes.shape], [5, 20, [5]]);
    const back = castUint8(bytes);
    assert.deepEqual([...back.dataSync()], [0, 1, 127, 128, 255]);
    tf.dispose([wide, bytes, back]);
  });
});

test("an operation that TensorFlow refuses is an error and leaves nothing behind", async () => {
  await assertNothingKept(() => {
    const [a, b] = [tf.ones([2, 3]), tf.ones([2, 3])];
    assert.throws(() => rawOp("MatMul", { T: { dtype: "float32" } }, [a, b]), /incompatible|size/i);
    tf.dispose([a, b]);
  });
});

test("a copied tensor stays as it is when its array changes, wherever in memory that lies", async () => {
  await assertNothingKept(() => {
    // Sixteen places a float32 apart: one of them is a multiple of 64 bytes.
    const array = new Float32Array(1000);
    for (let offset = 0; offset < 16; offset++) {
      const values = array.subarray(offset, offset + 900).fill(offset + 1);
      const tensor = copied(values, [30, 30]);
      values.fill(0);
      assert.ok(tensor.dataSync().every((value) => value === offset + 1));
      assert.deepEqual(tensor.shape, [30, 30]);
      tensor.dispose();
    }
  });
});
