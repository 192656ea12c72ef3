import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fusedKernels } from "../../../lib/tensor/native/library";
import { noKernels } from "../../support/kernels";

const root = join(__dirname, "..", "..", "..");
const child = join(root, "test", "support", "kernels-child.ts");

/** The files that compare a model with the reference. */
const GOLDEN = [
  "model/classifier",
  "model/pair-ranker",
  "model/bfloat16",
  "lora/peft-model",
  "train/train-step",
  "evaluate/problems",
];

/** A command of this project's Node, with a choice of kernels in the environment. */
function run(
  choice: string | undefined,
  args: string[],
  prefix: string[] = [],
): { status: number | null; output: string } {
  // NODE_TEST_CONTEXT would make a test runner of ours report to the one that runs this file.
  const env = { ...process.env, ETHICS_KERNELS: choice, NODE_TEST_CONTEXT: undefined, TF_CPP_MIN_LOG_LEVEL: "2" };
  const [command = "", ...rest] = [...prefix, process.execPath, "--import", "tsx", ...args];
  const { status, stdout, stderr } = spawnSync(command, rest, { cwd: root, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

function assertPass(choice: string, files: string[]): void {
  const paths = files.map((file) => join("test", `${file}.test.ts`));
  const { status, output } = run(choice, ["--test", "--test-reporter=spec", ...paths]);
  assert.equal(status, 0, output.slice(-6000));
  assert.match(output, /pass [1-9]/);
}

/** What the child prints on its last line but noise. */
function report(output: string): { instructions: string; threads: number; hash: string } {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  assert.ok(line, output);
  return JSON.parse(line);
}

/** The instructions that this processor has, as the error about another name lists them. */
function available(): string[] {
  const { status, output } = run("sse9", [child]);
  assert.notEqual(status, 0);
  const message = /`ETHICS_KERNELS`: expected (.*), off or nothing on this processor, got sse9\./.exec(output);
  assert.ok(message, output);
  return (message[1] as string).split(", ");
}

test("instructions that the processor lacks are refused, the best that it has are taken", { skip: noKernels }, () => {
  const sets = available();
  assert.equal(sets.at(-1), "baseline");
  assert.equal(report(run(undefined, [child]).output).instructions, sets[0]);
});

test("the kernels for each set of instructions that this processor has pass the kernels' tests", {
  skip: noKernels,
}, () => {
  const others = available().filter((name) => name !== fusedKernels()?.instructions);
  for (const name of others) {
    assert.equal(report(run(name, [child]).output).instructions, name);
    assertPass(name, ["tensor/native/library"]);
  }
});

test("without the kernels a model gives the reference's numbers too", { skip: noKernels }, () => {
  assertPass("off", GOLDEN);
});

const taskset = spawnSync("taskset", ["--version"]).status === 0;
const oneThread =
  noKernels || (fusedKernels()?.threads === 1 && "there is one core") || (!taskset && "there is no taskset");

test("results have the same bytes with one thread, with several, and when repeated", { skip: oneThread }, () => {
  const several = report(run(undefined, [child]).output);
  // A container may not have the first processor.
  const [, allowed = ""] = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const one = report(run(undefined, [child], ["taskset", "--cpu-list", allowed]).output);
  assert.ok(several.threads > 1);
  assert.equal(one.threads, 1);
  assert.equal(one.hash, several.hash);
  assert.deepEqual(report(run(undefined, [child]).output), several);
});
