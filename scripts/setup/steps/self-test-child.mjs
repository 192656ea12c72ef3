/** Multiplies two matrices and differentiates, in a process of its own: prints the device and the version of TensorFlow. */
import * as tf from "@tensorflow/tfjs-node";

// d/dA sum(A·B) = 1·Bᵀ: every row of the gradient holds the row sums of B.
const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
/** @param {import("@tensorflow/tfjs-node").Tensor} x */
const sumOfProduct = (x) => tf.sum(tf.matMul(/** @type {import("@tensorflow/tfjs-node").Tensor2D} */ (x), b));
const product = [...tf.matMul(a, b).dataSync()].join();
const gradient = [...tf.grad(sumOfProduct)(a).dataSync()].join();
if (product !== "19,22,43,50" || gradient !== "11,15,11,15") {
  throw new Error(`\`self-test\`: expected 19,22,43,50 and 11,15,11,15, got ${product} and ${gradient}.`);
}
const backend = /** @type {{ isUsingGpuDevice?: boolean, binding?: { TF_Version?: string } }} */ (tf.backend());
const device = backend.isUsingGpuDevice ? "GPU" : "CPU";
console.log(JSON.stringify({ device, tensorflow: backend.binding?.TF_Version ?? "" }));
