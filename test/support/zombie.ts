/** A process that was killed and whose parent takes no notice of it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

/** Options of a test that needs /proc. */
export const LINUX = { skip: process.platform === "linux" ? false : "needs /proc" };

/** @returns its number; its parent ends with the test */
export async function zombie(context: TestContext): Promise<number> {
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  context.after(() => parent.kill("SIGKILL"));
  const [line] = (await parent.stdout.setEncoding("utf8").take(1).toArray()) as string[];
  const id = Number(line);
  process.kill(id, "SIGKILL");
  while (!/\) Z /.test(readFileSync(`/proc/${id}/stat`, "utf8")))
    await pause(10, undefined, { signal: context.signal });
  return id;
}
