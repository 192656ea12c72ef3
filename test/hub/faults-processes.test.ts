import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { lockDownload } from "../../lib/hub/download-lock";
import { claimPart } from "../../lib/hub/part";
import { resolveModel } from "../../lib/hub/resolve";
import { temporaryFolder } from "../support/folders";
import { MODEL_FOLDER, MODEL_ID, ownHubEnvironment, serve, smallModel } from "../support/hub-environment";
import { type Hub, sha256 } from "../support/hub-server";

const environment = ownHubEnvironment();
const WEIGHTS = smallModel().files["pytorch_model.bin"] as Buffer;
const HASH = sha256(WEIGHTS);
const GONE = spawnSync(process.execPath, ["--version"]).pid;

/** A process of its own that resolves the model. */
function resolver(): ChildProcess {
  const program = join(__dirname, "..", "support", "hub-child.ts");
  return spawn(process.execPath, ["--import", "tsx", program, MODEL_ID], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Requests for the weights' content. */
function downloads(hub: Hub): (string | undefined)[] {
  return hub.requests.filter(({ path }) => path === `/${HASH}`).map(({ range }) => range);
}

/** Leaves a lock of the weights. */
function leaveLock(holder: { process: number; host: string }): string {
  const folder = join(environment.cache, ".locks", MODEL_FOLDER);
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, `${HASH}.node.lock`);
  writeFileSync(lock, JSON.stringify(holder));
  return lock;
}

test("of three processes that want a model one downloads it, and all have it", async () => {
  const hub = await serve(smallModel());
  process.env.HF_HUB_ETAG_TIMEOUT = "10";
  const outputs = await Promise.all([1, 2, 3].map(() => text(resolver().stdout as NodeJS.ReadableStream)));
  for (const output of outputs) {
    const folder = output.trim().split("\n").at(-1) as string;
    assert.deepEqual(readFileSync(join(folder, "pytorch_model.bin")), WEIGHTS, output);
  }
  assert.deepEqual(downloads(hub), [undefined]);
});

test("what a killed process has downloaded is kept and continued", async () => {
  const hub = await serve(smallModel());
  process.env.HF_HUB_ETAG_TIMEOUT = "10";
  const blobs = join(environment.cache, MODEL_FOLDER, "blobs");
  hub.failures.push(undefined, { stallAfter: 5000 });
  const child = resolver();
  const part = (): string | undefined => readdirSync(blobs).find((name) => name.startsWith(`${HASH}.`));
  while (!existsSync(blobs) || part() === undefined || statSync(join(blobs, part() as string)).size < 5000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  const folder = await resolveModel(MODEL_ID, { parts: ["weights"] });
  assert.deepEqual(readFileSync(join(folder, "pytorch_model.bin")), WEIGHTS);
  assert.equal(downloads(hub).at(-1), "bytes=5000-");
});

test("the lock of a process that is gone is taken over", async () => {
  const hub = await serve(smallModel());
  const lock = leaveLock({ process: GONE, host: hostname() });
  await resolveModel(MODEL_ID);
  assert.equal(downloads(hub).length, 1);
  assert.ok(!existsSync(lock));
});

test("a lock that a power failure has emptied is taken over", async () => {
  await serve(smallModel());
  writeFileSync(leaveLock({ process: 0, host: "" }), "");
  assert.ok(existsSync(join(await resolveModel(MODEL_ID), "pytorch_model.bin")));
});

test("the lock of another host's process is waited for, and taken over when no sign of life comes from it", async () => {
  // Another container may have a process of our number.
  const lock = leaveLock({ process: process.pid, host: "another-container" });
  const waiting: unknown[] = [];
  const started = performance.now();
  const { held, release } = await lockDownload(
    lock,
    () => false,
    (holder) => waiting.push(holder),
    500,
  );
  assert.ok(held && performance.now() - started > 500);
  assert.deepEqual(waiting, [{ process: process.pid, host: "another-container" }]);
  release();
});

test("who waits for another process's download ends when the file has come", async () => {
  const lock = leaveLock({ process: process.ppid, host: hostname() });
  let looks = 0;
  const { held } = await lockDownload(
    lock,
    () => ++looks > 2,
    () => {},
  );
  assert.equal(held, false);
  assert.ok(existsSync(lock), "it is the other's");
});

test("two processes of the same number on one cache do not write into one file", () => {
  const blob = join(temporaryFolder(), HASH);
  const first = claimPart(blob, false);
  writeFileSync(first, "begun");
  assert.notEqual(claimPart(blob, false), first);
  assert.equal(readFileSync(first, "utf8"), "begun");
});
