import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { tf } from "../../../lib/tensor/tensorflow";
import { pressStop } from "../../support/signals";

const isLinux = process.platform === "linux";

/** Signals that a thread has blocked, as bits. */
function blocked(thread: string): bigint {
  const status = readFileSync(`/proc/self/task/${thread}/status`, "utf8");
  return BigInt(`0x${/^SigBlk:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`);
}

test("threads that compute block all signals, and another thread receives them", { skip: !isLinux }, () => {
  tf.tidy(() => tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])).dataSync());
  const threads = readdirSync("/proc/self/task").map((id) => {
    const name = readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim();
    return { id, name, blocked: blocked(id) };
  });
  const interrupt = 1n << 1n; // SIGINT is signal 2
  const computing = threads.filter(({ id, name }) => id === `${process.pid}` || name.startsWith("tf_"));
  assert.ok(computing.length >= 2);
  for (const thread of computing) assert.ok(thread.blocked & interrupt, `${thread.name} takes SIGINT`);
  assert.ok(threads.some((thread) => thread.blocked === 0n));
});

test("signals reach their listeners, and programs that are started have none blocked", async () => {
  let heard = 0;
  const listener = (): void => void heard++;
  process.on("SIGINT", listener);
  await pressStop();
  process.removeListener("SIGINT", listener);
  assert.equal(heard, 1);
  const child = spawn("sleep", ["100"]);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
  assert.equal(spawnSync("sleep", ["100"], { timeout: 50 }).signal, "SIGTERM");
});
