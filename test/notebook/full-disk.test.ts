import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { clearDisk, fillDisk, mountDisk, unmountDisk } from "../../scripts/faults/small-disk";
import { temporaryFolder } from "../support/folders";

const ROOT = resolve(__dirname, "../..");

/** Writes a long text with the notebook's runner. @returns the last line of what Python says */
function write(file: string): string {
  const code = `import sys; sys.path.insert(0, sys.argv[1]); import execute; execute.write_whole(sys.argv[2], "x" * 50_000)`;
  const args = ["-c", code, join(ROOT, "scripts/notebook"), file];
  const { stderr } = spawnSync(join(ROOT, ".venv/bin/python"), args, { encoding: "utf8" });
  return stderr.trim().split("\n").at(-1) ?? "";
}

test("an executed notebook that finds no room leaves the old one and nothing beside it, and is written with room", (t) => {
  const disk = temporaryFolder();
  if (!mountDisk(disk, 128)) return t.skip("no small disk can be mounted here");
  try {
    const file = join(disk, "ethics.ipynb");
    writeFileSync(file, "old");
    fillDisk(disk);
    assert.equal(write(file), `execute.DiskFull: ${file}`);
    assert.deepEqual([readdirSync(disk).sort(), readFileSync(file, "utf8")], [["ethics.ipynb", "filler"], "old"]);
    clearDisk(disk);
    assert.equal(write(file), "");
    assert.equal(readFileSync(file, "utf8").length, 50_000);
  } finally {
    unmountDisk(disk);
  }
});
