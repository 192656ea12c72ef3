import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LogReader, parseLogLine } from "../../lib/runs/log";
import { temporaryFolder } from "../support/folders";

test("a growing log is read line by line, and half a line is not read before its end is there", () => {
  const file = join(temporaryFolder(), "log.jsonl");
  const reader = new LogReader(file);
  const steps = (): number[] => reader.read().map(({ step }) => step);
  assert.deepEqual(reader.read(), []);
  appendFileSync(file, '{"step":1}\n{"st');
  assert.deepEqual(steps(), [1]);
  assert.deepEqual(steps(), []);
  appendFileSync(file, 'ep":2}\n{"step":3}\n');
  assert.deepEqual(steps(), [2, 3]);
  assert.deepEqual(steps(), []);
});

test("a line that was cut off, or joined with the next one, is passed over", () => {
  const file = join(temporaryFolder(), "log.jsonl");
  const line = JSON.stringify({ event: "step", time: 0, step: 7 });
  const bad = ["", '{"time":17', `{"time":17${line}`, "null", "17"];
  for (const text of bad) assert.equal(parseLogLine(text), undefined);
  appendFileSync(file, `${[...bad, line].join("\n")}\n`);
  assert.deepEqual(new LogReader(file).read(), [JSON.parse(line)]);
});

test("a letter of several bytes is read whole, wherever the first half of it was written", () => {
  const file = join(temporaryFolder(), "log.jsonl");
  const reader = new LogReader(file);
  const bytes = Buffer.from('{"parameters":{"model":"modèle"}}\n');
  const middle = bytes.indexOf("è") + 1;
  appendFileSync(file, bytes.subarray(0, middle));
  assert.deepEqual(reader.read(), []);
  appendFileSync(file, bytes.subarray(middle));
  assert.deepEqual(reader.read(), [{ parameters: { model: "modèle" } }]);
});
