import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceInfo, memoryUse } from "../../lib/tensor/device";
import { tf } from "../../lib/tensor/tensorflow";

test("the device is named, with the versions under it", () => {
  const { device, name, cores, memoryBytes, node, tensorflow, tfjs } = deviceInfo();
  assert.ok(["cpu", "gpu"].includes(device));
  assert.ok(name.length > 0 && cores >= 1 && memoryBytes > 2 ** 28);
  for (const version of [node, tensorflow, tfjs]) assert.match(version, /^\d+\.\d+\.\d+/);
});

test("memory use tells tensors, their bytes and the process's peak", () => {
  const before = memoryUse();
  const tensor = tf.zeros([1000]);
  const during = memoryUse();
  assert.deepEqual([during.tensors - before.tensors, during.tensorBytes - before.tensorBytes], [1, 4000]);
  tensor.dispose();
  assert.equal(memoryUse().tensors, before.tensors);
  assert.ok(during.peakRssBytes >= 0.9 * during.rssBytes, `${during.peakRssBytes} of ${during.rssBytes}`);
});
