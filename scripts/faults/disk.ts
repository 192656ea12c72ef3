/** A disk that is full at one write of a run. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseLogLine } from "../../lib/runs/log";
import { runPaths } from "../../lib/runs/run-folder";
import { lastWholeCheckpoint } from "../../lib/train/checkpoint";
import type { Write } from "./child";
import { endOf, halfWritten, startProgram, train } from "./demo-run";
import { type Fault, type Lab, NotRun } from "./fault";
import { clearDisk, fillDisk, mountDisk, unmountDisk } from "./small-disk";

const MESSAGE = /expected room on the disk for it, got a full one/;

/** Runs `work` in a folder on a disk of its own. */
async function onDisk<T>(lab: Lab, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = lab.newFolder();
  if (!mountDisk(folder, 16_000)) throw new NotRun("mounting a small disk is not permitted here");
  try {
    return await work(folder);
  } finally {
    unmountDisk(folder);
  }
}

/** @throws the message is not one of a full disk, or something half written lies about */
function assertTold(out: string, { code, said }: { code: number | null; said: string }): void {
  assert.equal(code, 1, said);
  assert.match(said, MESSAGE);
  assert.equal(said.match(new RegExp(MESSAGE, "g"))?.length, 1, `one message: ${said}`);
  assert.doesNotMatch(said, /Traceback|\n\s+at /);
  assert.deepEqual(halfWritten(out), []);
}

function fullAt(write: Write): Fault["meet"] {
  return (lab) =>
    onDisk(lab, async (out) => {
      assertTold(out, await train(out, lab.size, write));
      const { checkpoints, log } = runPaths(out);
      assert.notEqual(lastWholeCheckpoint(checkpoints), undefined);
      clearDisk(out);
      const { code, said } = await train(out, lab.size);
      assert.equal(code, 0, said);
      await lab.assertSame(out);
      const lines = readFileSync(log, "utf8").trimEnd().split("\n");
      assert.ok(
        lines.every((line) => parseLogLine(line) !== undefined),
        "every line of the log is whole",
      );
      return "one message, nothing half written, the adapter is the same";
    });
}

/** The demo's notebook, on a full disk from its metrics on: then the executed notebook finds no room. */
async function fullAtNotebook(lab: Lab): Promise<string> {
  return onDisk(lab, async (out) => {
    const options = ["--demo", "--train-limit", "40", "--eval-limit", "20", "--out", out];
    const child = startProgram("notebook/main.ts", options);
    const ended = endOf(child);
    while (child.exitCode === null && !existsSync(runPaths(out).metrics)) await pause(5);
    fillDisk(out);
    const told = await ended;
    assertTold(out, told);
    assert.match(told.said, /Go on with: npm start -- --resume/);
    clearDisk(out);
    const { code, said } = await endOf(startProgram("notebook/main.ts", ["--resume", "--out", out]));
    assert.equal(code, 0, said);
    assert.ok(existsSync(runPaths(out).notebook));
    return "one message, nothing half written, resumed to its notebook";
  });
}

export const DISK: readonly Fault[] = [
  { name: "disk: full at a checkpoint", meet: fullAt("checkpoint") },
  { name: "disk: full at a line of the log", meet: fullAt("log") },
  { name: "disk: full at the adapter", meet: fullAt("adapter") },
  { name: "disk: full at metrics.json", meet: fullAt("metrics") },
];

export const NOTEBOOK_DISK: Fault = { name: "disk: full at the executed notebook", meet: fullAtNotebook };
