import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileSize, readRange } from "../../lib/files/bytes";
import { temporaryFolder, writeFiles } from "../support/folders";

test("a range is read into a buffer of its own, and beyond the end it is an error", () => {
  const file = join(writeFiles(temporaryFolder(), { x: "0123456789" }), "x");
  assert.equal(Buffer.from(readRange(file, 3, 4)).toString(), "3456");
  assert.equal(readRange(file, 3, 4).byteLength, 4);
  assert.equal(readRange(file, 10, 0).byteLength, 0);
  assert.equal(fileSize(file), 10);
  assert.throws(() => readRange(file, 8, 3), {
    name: "FileFormatError",
    message: /expected bytes up to 11, got fewer/,
  });
});

test("a folder and a missing path are refused by name where a file is expected", () => {
  const folder = temporaryFolder();
  assert.throws(() => fileSize(folder), {
    name: "FileFormatError",
    message: `${folder}: expected a file, got something else.`,
  });
  assert.throws(() => fileSize(join(folder, "x")), /x: expected a file, got none\.$/);
  assert.throws(() => readRange(join(folder, "x"), 0, 1), /x: expected a file that can be read, got none\.$/);
});
