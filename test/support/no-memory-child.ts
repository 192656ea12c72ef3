/** Limits its own memory to what it has and 32 MB, then runs attention over so many keys that a kernel needs more to work in. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { keyTensor } from "../../lib/tensor/dropout";
import { fusedKernels } from "../../lib/tensor/native/library";
import { rawOps } from "../../lib/tensor/raw-op";
import { tf } from "../../lib/tensor/tensorflow";

const [tokens, width] = [400_000, 16];
const attributes = { heads: { integer: 1 }, rate: { number: 0 }, T: { dtype: "float32" } } as const;
const [query, keys, bias, key] = [
  tf.ones([1, width]),
  tf.ones([tokens, width]),
  tf.zeros([width]),
  keyTensor(undefined),
];
const run = (count: number): number => {
  const span = tf.tensor2d([[0, 1, 0, count]], [1, 4], "int32");
  const [context] = rawOps("EthicsAttention", attributes, [query, keys, keys, bias, bias, bias, span, key], 2);
  return context?.dataSync()[0] as number;
};
fusedKernels();
const before = run(1);
const kilobytes = Number(/^VmSize:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
const limit = `--as=${kilobytes * 1024 + 32e6}`;
const { status } = spawnSync("prlimit", ["--pid", `${process.pid}`, limit]);
let message = "none";
try {
  run(tokens);
} catch (error) {
  message = (error as Error).message;
}
console.log(JSON.stringify({ status, before, message, after: run(1) }));
