import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readJson } from "../../lib/files/json";
import { temporaryFolder, writeFiles } from "../support/folders";

test("an object is read; anything else is an error that names the file and what it holds", () => {
  const folder = writeFiles(temporaryFolder(), {
    "object.json": '{"a": 1}',
    "array.json": "[]",
    "null.json": "null",
    "number.json": "3",
    "broken.json": "{",
  });
  assert.deepEqual(readJson(join(folder, "object.json")), { a: 1 });
  const refused = { array: "an array", null: "null", number: "a number" };
  for (const [name, what] of Object.entries(refused)) {
    const file = join(folder, `${name}.json`);
    assert.throws(() => readJson(file), {
      name: "FileFormatError",
      message: `${file}: expected a JSON object, got ${what}.`,
    });
  }
  assert.throws(() => readJson(join(folder, "broken.json")), /broken\.json: expected a JSON file, got .*JSON/);
  assert.throws(() => readJson(join(folder, "none.json")), /none\.json: expected a file, got none/);
});
