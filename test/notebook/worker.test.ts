import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "../../scripts/cli/options";
import { workerIndexOf } from "../../scripts/notebook/worker";

const indexOf = (typed: string): number | undefined => workerIndexOf(parseOptions(typed.split(" ")));

test("worker 0 is the run itself, and the others are told nothing but where the workers are", () => {
  assert.equal(indexOf("--workers 2"), undefined);
  assert.equal(indexOf("--worker-hosts a:1,b:2 --worker-index 0 --rank 4"), undefined);
  assert.equal(indexOf("--worker-hosts a:1,b:2 --worker-index 1 --worker-timeout 5"), 1);
  assert.throws(
    () => indexOf("--worker-hosts a:1,b:2 --worker-index 1 --rank 4"),
    /`--rank`: expected with --worker-index 0/,
  );
});

test("options of workers that do not fit together are refused", () => {
  assert.throws(() => indexOf("--worker-index 1"), /`--worker-index`: expected together with --worker-hosts/);
  assert.throws(() => indexOf("--worker-hosts a:1,b:2"), /`--worker-hosts`: expected together with --worker-index/);
  assert.throws(() => indexOf("--worker-hosts a:1,b:2 --worker-index 2"), /`--worker-index`: expected 0 to 1/);
  assert.throws(() => indexOf("--worker-hosts a:1,b --worker-index 1"), /`--worker-hosts`: expected a host and a port/);
});
