/** Prints what the fused kernels are here, and a hash of all they compute. */
import { createHash } from "node:crypto";
import { fusedKernels } from "../../lib/tensor/native/library";
import { CASES, differentiate } from "./kernel-cases";
import { DTYPES } from "./kernels";

const { instructions, threads } = fusedKernels() ?? { instructions: "none", threads: 0 };
const hash = createHash("sha256");
for (const operation of Object.values(CASES)) {
  for (const dtype of DTYPES) {
    for (const [what, values] of differentiate(operation, dtype, undefined, 0.25)) {
      // Gradients of weights are sums over rows, which are TensorFlow's own.
      const input = Number(what.replace("gradient ", ""));
      if (!operation.exact.includes(input))
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
}
console.log(JSON.stringify({ instructions, threads, hash: hash.digest("hex") }));
