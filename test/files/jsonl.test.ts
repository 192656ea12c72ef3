import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readJsonl } from "../../lib/files/jsonl";
import { temporaryFolder, writeFiles } from "../support/folders";

const read = (content: string): ReturnType<typeof readJsonl> =>
  readJsonl(join(writeFiles(temporaryFolder(), { "x.jsonl": content }), "x.jsonl"));

test("each line is an object, empty lines are skipped, and the lines are counted", () => {
  assert.deepEqual(read('\uFEFF{"text": "a\\nb", "label": 1}\r\n\n{"text": "ü"}'), {
    rows: [{ text: "a\nb", label: 1 }, { text: "ü" }],
    lines: [1, 3],
  });
});

test("a line that is not a JSON object is refused with its number", () => {
  const refused: [string, RegExp][] = [
    ['{"a": 1}\n{"a": \n', /x\.jsonl: line 2: expected a JSON object, got .*JSON/],
    ['{"a": 1}\n[1, 2]\n', /x\.jsonl: line 2: expected a JSON object, got \[1, 2\]\.$/],
    ["\n\n", /x\.jsonl: expected rows, got an empty file\.$/],
  ];
  for (const [content, message] of refused) assert.throws(() => read(content), { name: "FileFormatError", message });
});
