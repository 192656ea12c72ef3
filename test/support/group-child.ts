/** Four workers in one process: what they sum, send and compare, and a training step that they share out. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { WorkerGroup } from "../../lib/parallel/group";
import { freeAddresses } from "../../lib/parallel/hosts";
import { Optimizer } from "../../lib/train/optim/optimizer";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { sharedTrainStep, trainStep } from "../../lib/train/train-step";
import { TINY_ROWS, tinyModel } from "./tiny";

const [, , folder = ""] = process.argv;
const SIZE = 4;

async function join4(timeout: number): Promise<WorkerGroup[]> {
  const hosts = await freeAddresses(SIZE);
  return Promise.all(hosts.map((_, index) => WorkerGroup.join({ hosts, index, timeout, sharesFiles: false })));
}

const messageOf = (error: Error): string => error.message;

/** Adapter values after a few steps, with all rows of a step shared out or in one process. */
async function train(groups: readonly (WorkerGroup | undefined)[]): Promise<number[][]> {
  const args = resolveArguments({ outputDir: "unused", learningRate: 0.01 });
  const workers = groups.map((group) => {
    const model = getPeftModel(tinyModel({ hidden_dropout_prob: 0.2 }), new LoraConfig({ r: 2 }));
    return { group, model, optimizer: new Optimizer(model.trainableParameters(), args) };
  });
  const fixed = { batchSize: 1, accumulation: SIZE, learningRate: 0.01, maxGradNorm: 1, seed: 3 };
  // The second step has fewer rows than there are workers.
  for (const [step, rows] of [TINY_ROWS.slice(0, 4), TINY_ROWS.slice(4)].entries()) {
    await Promise.all(
      workers.map(async ({ group, ...own }) => {
        const input = { ...own, ...fixed, rows, step };
        const made = group ? await sharedTrainStep(input, group) : trainStep(input);
        made.loss.dispose();
        made.norm.dispose();
      }),
    );
  }
  return workers.map(({ model }) => model.trainableParameters().flatMap((parameter) => [...parameter.values()]));
}

async function main(): Promise<object> {
  const groups = await join4(5);
  const all = <T>(work: (group: WorkerGroup) => Promise<T>): Promise<T[]> => Promise.all(groups.map(work));
  const sums = await all(async (group) => {
    const own = Float32Array.of(group.index, 0.5, -1);
    await group.sum(own);
    return [...own];
  });
  mkdirSync(join(folder, "sent", "inner"), { recursive: true });
  const bytes = Buffer.from(Array.from({ length: 5_000_003 }, (_, i) => (i * 7) % 256));
  writeFileSync(join(folder, "sent", "inner", "bytes"), bytes);
  writeFileSync(join(folder, "sent", "empty"), "");
  const received = await all(async (group) => group.folderFromFirst(group.isFirst ? join(folder, "sent") : ""));
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const vectors = groups.map(() => new Float32Array(3 * 2 ** 18));
    const start = performance.now();
    await all((group) => group.sum(vectors[group.index] as Float32Array));
    times.push(performance.now() - start);
  }
  const disagreement = await all((group) =>
    group.agree("the version", group.index === 2 ? "2" : "1", "Update it.").then(() => "none", messageOf),
  );
  const [one] = await train([undefined]);
  return {
    sums,
    values: await all((group) => group.fromFirst(group.isFirst ? { a: Number.NaN, b: "é" } : { a: 1, b: "" })),
    copies: received.map(
      (own) => bytes.equals(readFileSync(join(own, "inner", "bytes"))) && readFileSync(join(own, "empty")).length === 0,
    ),
    places: new Set(received).size,
    medianOf3MB: times.sort((a, b) => a - b)[4],
    disagreement,
    one,
    four: await train(groups),
    ...(await whatFails(groups)),
  };
}

/** A worker that does not come, a port that is taken, and a worker that keeps the others waiting. */
async function whatFails(groups: readonly WorkerGroup[]): Promise<object> {
  const [free = "", other = ""] = await freeAddresses(2);
  const absent = await WorkerGroup.join({ hosts: [free, other], index: 0, timeout: 1 }).then(() => "", messageOf);
  const taken = await WorkerGroup.join({ hosts: [free, other], index: 0, timeout: 1 }).then(() => "", messageOf);
  const impatient = await Promise.all(
    groups.slice(1).map((group) => group.sum(new Int32Array(7)).then(() => "", messageOf)),
  );
  return { absent, taken, impatient };
}

main().then(
  (result) => {
    process.stdout.write(JSON.stringify(result), () => process.exit(0));
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
