import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { appendFileWhole, writeFileAtomic, writeFolderAtomic } from "../../lib/files/atomic";
import { clearDisk, fillDisk, mountDisk, unmountDisk } from "../../scripts/faults/small-disk";
import { temporaryFolder, writeFiles } from "../support/folders";

test("text, bytes and pieces of bytes are written, in folders that are made", () => {
  const folder = temporaryFolder();
  writeFileAtomic(join(folder, "a", "b", "text"), "héllo");
  writeFileAtomic(join(folder, "bytes"), Uint8Array.of(1, 2));
  writeFileAtomic(join(folder, "pieces"), [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]);
  assert.equal(readFileSync(join(folder, "a", "b", "text"), "utf8"), "héllo");
  assert.deepEqual([...readFileSync(join(folder, "bytes"))], [1, 2]);
  assert.deepEqual([...readFileSync(join(folder, "pieces"))], [1, 2, 3]);
  assert.deepEqual(readdirSync(folder).sort(), ["a", "bytes", "pieces"]);
});

test("a file that cannot be written whole leaves the old one and nothing beside it", () => {
  const folder = temporaryFolder();
  writeFiles(folder, { file: "old" });
  function* breaking(): Generator<Uint8Array> {
    yield Uint8Array.of(1);
    throw new Error("disk full");
  }
  assert.throws(() => writeFileAtomic(join(folder, "file"), breaking()), /disk full/);
  assert.deepEqual([readdirSync(folder), readFileSync(join(folder, "file"), "utf8")], [["file"], "old"]);
});

test("a file that cannot take its place leaves nothing beside it", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "taken", "inside"), { recursive: true });
  assert.throws(() => writeFileAtomic(join(folder, "taken"), "text"));
  assert.deepEqual(readdirSync(folder), ["taken"]);
});

test("a folder replaces the one before it only when it is complete", () => {
  const folder = temporaryFolder();
  const place = join(folder, "out", "checkpoint");
  writeFolderAtomic(place, (beside) => {
    writeFileSync(join(beside, "a"), "1");
    assert.equal(existsSync(place), false);
  });
  const broken = (beside: string): void => {
    writeFileSync(join(beside, "b"), "2");
    throw new Error("disk full");
  };
  assert.throws(() => writeFolderAtomic(place, broken), /disk full/);
  assert.deepEqual([readdirSync(join(folder, "out")), readdirSync(place)], [["checkpoint"], ["a"]]);
  writeFolderAtomic(place, (beside) => writeFileSync(join(beside, "c"), "3"));
  assert.deepEqual([readdirSync(join(folder, "out")), readdirSync(place)], [["checkpoint"], ["c"]]);
});

test("on a full disk the error says so, what was there stays, nothing lies beside it, and room lets it go on", async (t) => {
  const disk = temporaryFolder();
  if (!mountDisk(disk, 64)) return t.skip("no small disk can be mounted here");
  try {
    const file = join(disk, "kept.bin");
    writeFileAtomic(file, Buffer.alloc(20_000, 1));
    writeFolderAtomic(join(disk, "folder"), (beside) => writeFileSync(join(beside, "a"), "old"));
    const large = Buffer.alloc(100_000, 2);
    const message =
      /^\S+: expected room on the disk for it, got a full one \(ENOSPC\)\. Nothing was changed; make room and go on\.$/;
    assert.throws(() => writeFileAtomic(file, large), { code: "ENOSPC", message });
    const fill = (beside: string): void => writeFileAtomic(join(beside, "a"), large);
    assert.throws(() => writeFolderAtomic(join(disk, "folder"), fill), { code: "ENOSPC", message });
    assert.deepEqual(readFileSync(file), Buffer.alloc(20_000, 1));
    assert.equal(readFileSync(join(disk, "folder", "a"), "utf8"), "old");
    assert.deepEqual(readdirSync(disk).sort(), ["folder", "kept.bin"]);
    rmSync(file);
    writeFileAtomic(file, Buffer.alloc(30_000, 3));
    assert.equal(readFileSync(file).length, 30_000);
  } finally {
    unmountDisk(disk);
  }
});

test("a file that grows stays as long as it was when the disk is full, and goes on with room", (t) => {
  const disk = temporaryFolder();
  if (!mountDisk(disk, 64)) return t.skip("no small disk can be mounted here");
  try {
    const file = join(disk, "log");
    appendFileWhole(file, "first\n");
    fillDisk(disk);
    // The file's last page has room for a part of it.
    const line = `${"x".repeat(5000)}\n`;
    assert.throws(() => appendFileWhole(file, line), { code: "ENOSPC", message: /log: expected room on the disk/ });
    assert.equal(readFileSync(file, "utf8"), "first\n");
    clearDisk(disk);
    appendFileWhole(file, Buffer.from("second\n"));
    assert.equal(readFileSync(file, "utf8"), "first\nsecond\n");
  } finally {
    unmountDisk(disk);
  }
});
