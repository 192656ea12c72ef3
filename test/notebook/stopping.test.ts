import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { LogReader } from "../../lib/runs/log";
import { folderState } from "../../scripts/notebook/folder";
import { temporaryFolder } from "../support/folders";

const main = join(__dirname, "../../scripts/notebook/main.ts");

test("two SIGINTs within 300 ms, as a process group's Ctrl-C sends them, stop a run once: with a checkpoint", {
  timeout: 180_000,
}, async (context) => {
  const out = join(temporaryFolder(), "run");
  const options = ["--demo", "--train-limit", "400", "--eval-limit", "40", "--out", out];
  const child = spawn(process.execPath, ["--import", "tsx", main, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  context.after(() => void child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const log = new LogReader(join(out, "log.jsonl"));
  const { signal } = context;
  while (child.exitCode === null && !log.read().some(({ step }) => step >= 3)) await pause(20, undefined, { signal });
  const ended = once(child, "close", { signal });
  child.kill("SIGINT");
  await pause(100);
  child.kill("SIGINT");
  const [code] = await ended;
  assert.equal(code, 130, said);
  assert.match(said, /Stopping after the step under way, with a checkpoint when training\./);
  assert.doesNotMatch(said, /Stopping at once/);
  assert.match(said, /Go on with: npm start -- --resume --out/);
  assert.equal(folderState(out), "cut off");
});
