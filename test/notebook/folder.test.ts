import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { UsageError } from "../../scripts/cli/command-line";
import { INITIAL_VALUES } from "../../scripts/cli/options";
import { clearDisk, fillDisk, mountDisk, unmountDisk } from "../../scripts/faults/small-disk";
import { folderState, prepareRun } from "../../scripts/notebook/folder";
import { parameterCells, parametrise, readNotebook } from "../../scripts/notebook/notebook";
import { temporaryFolder } from "../support/folders";

let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
});

function finished(): void {
  writeFileSync(join(folder, "ethics.ipynb"), "{}");
  writeFileSync(join(folder, "mine.txt"), "");
}

function cutOff(parameters: Record<string, unknown>): void {
  mkdirSync(join(folder, "checkpoints", "checkpoint-100"), { recursive: true });
  writeFileSync(join(folder, "log.jsonl"), `${JSON.stringify({ event: "run", parameters })}\n{"event":"step"}\n`);
}

function refused(given: Record<string, boolean | number>, message: RegExp): void {
  assert.throws(
    () => prepareRun(folder, given),
    (error: Error) => error instanceof UsageError && message.test(error.message),
  );
}

test("a finished run is kept unless --overwrite is given, which deletes a run's own files alone", () => {
  finished();
  refused({}, /got a finished one in .*--overwrite replaces it\./);
  mkdirSync(join(folder, "sweep", "rank-2"), { recursive: true });
  assert.deepEqual(prepareRun(folder, { overwrite: true, rank: 4 }), { ...INITIAL_VALUES, rank: 4 });
  assert.equal(existsSync(join(folder, "ethics.ipynb")), false);
  assert.equal(existsSync(join(folder, "sweep")), false);
  assert.equal(existsSync(join(folder, "mine.txt")), true);
});

test("a cut-off run is resumed with the parameters it was started with", () => {
  cutOff({ rank: 16, demo: true, out: "x" });
  assert.equal(folderState(folder), "cut off");
  refused({}, /got a cut off one in .* --resume goes on with it, --overwrite replaces it/);
  const started = { ...INITIAL_VALUES, rank: 16, demo: true, out: "x" };
  assert.deepEqual(prepareRun(folder, { resume: true }), { ...started, resume: true });
  assert.equal(existsSync(join(folder, "checkpoints", "checkpoint-100")), true);
});

test("what was not given has its initial value, whatever was saved in the notebook", () => {
  const notebook = readNotebook(join(__dirname, "../../notebooks/ethics.ipynb"));
  const saved = parametrise(notebook, { rank: 16, trainHead: true, out: "../runs/mine" });
  const run = parametrise(saved, prepareRun(folder, { alpha: 32 }));
  assert.deepEqual(run, parametrise(notebook, { alpha: 32 }));
  cutOff({ alpha: 32 });
  assert.deepEqual(
    parameterCells(parametrise(saved, prepareRun(folder, { resume: true }))),
    parameterCells(parametrise(notebook, { alpha: 32, resume: true })),
  );
});

test("a run is not resumed with other parameters", () => {
  cutOff({ rank: 16 });
  refused({ resume: true, rank: 8 }, /^`--rank`: expected as the run was started \(16\), got 8\./);
  refused({ resume: true, epochs: 2 }, /^`--epochs`: expected as the run was started \(1\), got 2\./);
  refused({ resume: true, overwrite: true }, /expected without --overwrite/);
});

test("a run that was begun in JupyterLab is gone on with there", () => {
  cutOff({});
  const remedy =
    /expected a run with its parameters in its log, .*`resume: true` in the settings cell, restart the kernel/;
  for (const log of ['{"event":"step"}\n', '{"event":"run","par', ""]) {
    writeFileSync(join(folder, "log.jsonl"), log);
    refused({ resume: true }, remedy);
    refused({ resume: true, rank: 8 }, remedy);
  }
  rmSync(join(folder, "log.jsonl"));
  refused({ resume: true }, remedy);
});

test("what is not cut off is not resumed", () => {
  refused({ resume: true }, /got no checkpoint\. Leave --resume out\./);
  finished();
  refused({ resume: true }, /got a finished one/);
});

test("a folder in which a run is at work is left to it, and what a killed run left half written goes", () => {
  cutOff({ rank: 16 });
  const half = join(folder, "checkpoints", "checkpoint-200.77.part");
  mkdirSync(half);
  mkdirSync(join(folder, `.run-${process.ppid}`));
  refused({ resume: true }, new RegExp(`got process ${process.ppid}'s in`));
  const marker = join(folder, `.run-${process.ppid}`);
  refused({ overwrite: true }, new RegExp(`without a run at work, .* is no run of this notebook, delete ${marker}\\.`));
  assert.equal(existsSync(half), true);
  rmSync(marker, { recursive: true });
  const { pid } = spawnSync(process.execPath, ["--version"]);
  mkdirSync(join(folder, `.run-${pid}`));
  assert.deepEqual(prepareRun(folder, { resume: true }), { ...INITIAL_VALUES, rank: 16, resume: true });
  assert.deepEqual(readdirSync(folder).sort(), [".run.lock", "checkpoints", "log.jsonl"]);
  assert.deepEqual(readdirSync(join(folder, "checkpoints")), ["checkpoint-100"]);
});

test("a run that failed before its first checkpoint does not stand in the way", () => {
  writeFileSync(join(folder, "ethics.failed.ipynb"), "{}");
  writeFileSync(join(folder, "log.jsonl"), "");
  assert.equal(folderState(folder), "new");
  assert.deepEqual(prepareRun(folder, { rank: 4 }), { ...INITIAL_VALUES, rank: 4 });
  assert.equal(existsSync(join(folder, "ethics.failed.ipynb")), false);
});

test("a lock of another host is not taken over, and the refusal says what to do; one of this host that is alive likewise", () => {
  const lock = join(folder, ".run.lock");
  const write = (host: string): void => writeFileSync(lock, JSON.stringify({ process: process.ppid, host }));
  write("elsewhere");
  refused(
    {},
    new RegExp(`process ${process.ppid}'s of elsewhere in .* cannot see .* container was replaced, delete ${lock}\\.$`),
  );
  write(hostname());
  refused({}, new RegExp(`If that process is no run of this notebook, delete ${lock}\\.$`));
  rmSync(lock);
  assert.deepEqual(prepareRun(folder, {}), INITIAL_VALUES);
});

test("on a full disk a run is refused in words, and leaves nothing in its folder", (t) => {
  if (!mountDisk(folder, 64)) return t.skip("no small disk can be mounted here");
  try {
    fillDisk(folder);
    assert.throws(() => prepareRun(folder, {}), /\.run\.lock: expected room on the disk for it, got a full one/);
    assert.deepEqual(readdirSync(folder), ["filler"]);
    clearDisk(folder);
    prepareRun(folder, {});
  } finally {
    unmountDisk(folder);
  }
});
