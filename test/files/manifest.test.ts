import assert from "node:assert/strict";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkManifest, writeManifest } from "../../lib/files/manifest";
import { temporaryFolder, writeFiles } from "../support/folders";

const damages: [string, (file: string) => void, RegExp][] = [
  [
    "with one flipped bit",
    (file) => {
      const bytes = readFileSync(file);
      bytes[1] = (bytes[1] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    },
    /a\.txt: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}: it is damaged\.$/,
  ],
  ["that is cut", (file) => truncateSync(file, 3), /it is damaged/],
  ["that is empty", (file) => truncateSync(file, 0), /it is damaged/],
  ["that is gone", (file) => rmSync(file), /got no file/],
];

for (const [what, damage, message] of damages) {
  test(`a file ${what} is found by the manifest`, () => {
    const folder = writeFiles(temporaryFolder(), { "a.txt": "some text", "b.txt": "other text" });
    checkManifest(folder);
    writeManifest(folder);
    checkManifest(folder);
    damage(join(folder, "a.txt"));
    assert.throws(() => checkManifest(folder), { name: "FileFormatError", message });
  });
}

test("a manifest that is no manifest is refused", () => {
  for (const content of ["", "{", "{}"]) {
    const folder = writeFiles(temporaryFolder(), { "manifest.json": content });
    assert.throws(() => checkManifest(folder), { name: "FileFormatError" });
  }
});

test("a manifest that names a device, a folder or a file elsewhere is refused at once", () => {
  for (const name of [
    "../../../../../../../../dev/zero",
    "/etc/passwd",
    ".",
    "..",
    "",
    "inner",
    "pipe\0",
    "x".repeat(300),
  ]) {
    const folder = writeFiles(temporaryFolder(), { "manifest.json": { sha256: { [name]: "0" } }, "inner/a": "" });
    assert.throws(() => checkManifest(folder), { name: "FileFormatError" }, name);
  }
});
