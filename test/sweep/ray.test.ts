import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type RayOptions, runOnRay } from "../../lib/sweep/engines/ray/coordinator";
import { temporaryFolder } from "../support/folders";
import { FAULTS, runOf } from "../support/ray-run";
import { type Fault, RayStub, type StubOptions } from "../support/ray-stub";

async function withStub(
  options: StubOptions,
  body: (stub: RayStub, engine: RayOptions, storage: string) => Promise<void>,
): Promise<void> {
  const stub = new RayStub(options);
  const storage = temporaryFolder();
  try {
    await body(stub, { name: "ray", address: await stub.start(), storage }, storage);
  } finally {
    await stub.end();
  }
}

test("every kind of failure leaves each trial with one end, its own, and nothing in the storage", async () => {
  const seen = new Set<string>();
  const fault = (job: { metadata: Record<string, string> }): Fault | undefined => {
    const { trial = "" } = job.metadata;
    // Each kind strikes first tries alone, whatever is tried again in between; a trial's own error is for good.
    const before = seen.size;
    return before < seen.add(trial).size ? FAULTS[before] : undefined;
  };
  await withStub({ fault, slots: 6 }, async (stub, engine, storage) => {
    const out = temporaryFolder();
    const { run, ends } = runOf(20, out);
    await runOnRay(run, engine);
    assert.equal(ends.size, 20);
    const all = [...ends.values()].flat();
    assert.deepEqual([all.length, all.filter((how) => how === "bad").length], [20, 1]);
    assert.equal(all.filter((how) => how === "ended").length, 19);
    assert.equal(readdirSync(out).filter((name) => name.startsWith("rank-")).length, 19);
    const left = readdirSync(join(storage, readFileSync(join(out, ".sweep-name"), "utf8")));
    assert.ok(left.length <= 2, `${left}`);
    assert.ok(stub.jobs.size >= 20);
  });
});

test("an abort stops the jobs; the next coordinator goes on, and adopts what still runs", async () => {
  await withStub({ duration: 3000 }, async (stub, engine) => {
    const out = temporaryFolder();
    const stop = new AbortController();
    const first = runOf(3, out, stop.signal);
    setTimeout(() => stop.abort(), 800);
    await runOnRay(first.run, engine);
    assert.equal(first.ends.size, 0);
    assert.equal(stub.stopped.length, 3);
    stub.options.duration = 100;
    const second = runOf(3, out);
    await runOnRay(second.run, engine);
    assert.deepEqual([...second.ends.values()], [["ended"], ["ended"], ["ended"]]);
  });
});

test("a wrong address, token or version is refused in words, and no job is submitted", async () => {
  const refused = async (engine: RayOptions, how: RegExp): Promise<void> => {
    await assert.rejects(runOnRay(runOf(1, temporaryFolder()).run, engine), how);
  };
  const file = join(temporaryFolder(), "token");
  writeFileSync(file, "wrong\n");
  await withStub({ token: "right" }, async (stub, engine) => {
    await refused(engine, /`token`: expected by this head, got none\. Give it with --token-file/);
    await refused({ ...engine, tokenFile: file }, /`token`: expected the head's own, got another/);
    writeFileSync(file, "right\n");
    const { run, ends } = runOf(1, temporaryFolder());
    await runOnRay(run, { ...engine, tokenFile: file });
    assert.deepEqual([[...ends.values()], stub.jobs.size], [[["ended"]], 1]);
  });
  await withStub({ version: { ray_version: "3.0.0" } }, async (stub, engine) => {
    await refused(engine, /`address`: expected a head of Ray 2, got Ray 3\.0\.0/);
    await refused({ ...engine, address: "head:8265" }, /`address`: expected one such as http:\/\/HEAD:8265, got "head/);
    await refused({ ...engine, storage: "here" }, /`storage`: expected an absolute path, got here/);
    await refused(
      { ...engine, address: "http://127.0.0.1:9" },
      /expected the dashboard of a Ray head at .*Is `ray start/,
    );
    assert.equal(stub.jobs.size, 0);
  });
  await withStub({ version: {} }, async (_, engine) => refused(engine, /got an answer without Ray's version/));
});

test("a node that cannot run any trial ends the sweep with what it lacks", async () => {
  await withStub({ duration: 600_000 }, async (stub, engine, storage) => {
    const out = temporaryFolder();
    const { run } = runOf(2, out);
    const ended = runOnRay(run, engine);
    while (stub.jobs.size < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const [job] = [...stub.jobs.values()];
    assert.ok(job && existsSync(job.task) && job.task.startsWith(storage));
    const error = { message: "`versions`: expected on b those of the sweep", kind: "node" };
    writeFileSync(join(job.task, "..", "error.json"), JSON.stringify(error));
    Object.assign(job, { status: "FAILED", error_type: "JOB_ENTRYPOINT_COMMAND_ERROR" });
    await assert.rejects(ended, /`versions`: expected on b those of the sweep/);
    assert.ok([...stub.jobs.values()].every(({ status }) => status !== "RUNNING"));
  });
});
