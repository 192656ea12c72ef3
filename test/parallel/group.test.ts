import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { BIND_LIBRARY } from "../../lib/parallel/addon";
import { portWarning, workerEnvironment } from "../../lib/parallel/hosts";
import { temporaryFolder } from "../support/folders";

interface Result {
  sums: number[][];
  values: { a: number | null; b: string }[];
  copies: boolean[];
  places: number;
  medianOf3MB: number;
  disagreement: string[];
  one: number[];
  four: number[][];
  absent: string;
  taken: string;
  impatient: string[];
}

/** Workers of a child that listens on 127.0.0.1 alone. */
function resultOfChild(): Result {
  const child = join(__dirname, "../support/group-child.ts");
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", child, temporaryFolder()], {
    encoding: "utf8",
    env: workerEnvironment({ index: 0, count: 1, host: "127.0.0.1:0" }),
    timeout: 120_000,
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Result;
}

test("workers get the same sums, values and folders, train alike, and say which of them is missing or differs", (context) => {
  const { sums, values, copies, places, one, four, ...rest } = resultOfChild();
  assert.deepEqual(sums, Array(4).fill([6, 2, -4]));
  assert.deepEqual(values, Array(4).fill({ a: null, b: "é" })); // JSON's null for NaN
  assert.deepEqual([copies, places], [Array(4).fill(true), 4]);
  context.diagnostic(`four workers sum 3 MB in ${rest.medianOf3MB.toFixed(1)} ms`);

  for (const own of four) assert.deepEqual(own, four[0]);
  const scale = Math.max(...one.map(Math.abs));
  const error = Math.max(...one.map((value, i) => Math.abs(value - (four[0]?.[i] as number)))) / scale;
  assert.ok(one.length > 0 && error < 1e-5, `${error}`);

  for (const message of rest.disagreement) {
    assert.match(message, /^worker 2 \(127.*\): expected the version of worker 0, 1, got 2\. Update it\.$/);
  }
  assert.match(rest.absent, /^worker 1 \(127.*\): expected an answer within 1 seconds, got none\. Is it started/);
  assert.match(rest.taken, /^worker 0 \(127.*\): expected to listen there, got: .*\. Is the port taken/);
  for (const message of rest.impatient)
    assert.match(message, /expected the others' sum, got none: .*(timed out|abort)/i);
});

test("a worker has its share of the cores, and listens on its own address alone", () => {
  const own = workerEnvironment({ index: 1, count: 1000, host: "10.1.2.3:2222" });
  assert.deepEqual([own.TF_NUM_INTRAOP_THREADS, own.ETHICS_BIND], ["1", "10.1.2.3"]);
  assert.ok(own.LD_PRELOAD?.startsWith(BIND_LIBRARY));
  // A name can stand for several addresses.
  assert.equal(workerEnvironment({ index: 0, count: 1, host: "a:2222" }).ETHICS_BIND, undefined);
  assert.match(portWarning(["127.0.0.1:1", "127.0.0.1:2"]), /Other users of this machine can\.$/);
  assert.match(portWarning(["127.0.0.1:1", "10.0.0.1:2"]), /Only in a network that you trust\.$/);
});
