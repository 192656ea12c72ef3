/** Prints by how many MB this process grows while a kernel runs 100 times and fails 100 times, and handles that are left. */
import { fusedKernels } from "../../lib/tensor/native/library";
import { rawOps } from "../../lib/tensor/raw-op";
import { tf } from "../../lib/tensor/tensorflow";
import { held } from "./memory";

const x = tf.ones([700, 512]);
const [vector, short] = [tf.ones([512]), tf.ones([511])];
const attributes = { save: { flag: true }, T: { dtype: "float32" } } as const;
let errors = 0;

function run(): void {
  tf.tidy(() => {
    // A matrix of 1.4 MB goes in and two come out; then one goes in for an error.
    rawOps("EthicsBiasGelu", attributes, [tf.add(x, 1), vector], 2);
    try {
      rawOps("EthicsBiasGelu", attributes, [tf.add(x, 1), short], 2);
    } catch {
      errors++;
    }
  });
}

fusedKernels();
for (let i = 0; i < 20; i++) run();
const [handles, bytes] = [held().handles, process.memoryUsage.rss()];
for (let i = 0; i < 100; i++) run();
console.log(
  JSON.stringify({
    grown: (process.memoryUsage.rss() - bytes) / 1e6,
    left: held().handles - handles,
    errors,
  }),
);
