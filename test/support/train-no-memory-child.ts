/** Limits its own memory to what it has and 32 MB, then trains on a row, and makes metrics, that need more; prints the errors. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Dataset } from "../../lib/data/dataset";
import { fusedKernels } from "../../lib/tensor/native/library";
import { tf } from "../../lib/tensor/tensorflow";
import { TINY_ROWS, tinyModel } from "./tiny";
import { tinyTrainer } from "./training";

async function main(): Promise<void> {
  const model = tinyModel({ intermediate_size: 400_000, max_position_embeddings: 520 });
  const trainerOf = (inputIds: number[]) =>
    tinyTrainer(
      { outputDir: "unused", optim: "sgd", maxSteps: 1 },
      {
        model,
        trainDataset: Dataset.fromRows([{ inputIds, label: 1 }]),
        evalDataset: Dataset.fromRows(TINY_ROWS),
        computeMetrics: () => ({ one: tf.tidy(() => tf.fill([1e8], 1).max().dataSync()[0] ?? 0) }),
      },
    );
  fusedKernels();
  await trainerOf([0, 5, 2]).train();
  const kilobytes = Number(/^VmSize:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  spawnSync("prlimit", ["--pid", `${process.pid}`, `--as=${kilobytes * 1024 + 32e6}`]);
  const trainer = trainerOf(new Array(500).fill(5));
  const messageOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "none",
      (error: Error) => error.message,
    );
  const [train, evaluate] = [await messageOf(trainer.train()), await messageOf(trainer.evaluate())];
  console.log(JSON.stringify({ train, evaluate }));
}

void main();
