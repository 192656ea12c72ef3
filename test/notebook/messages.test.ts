import assert from "node:assert/strict";
import { test } from "node:test";
import { watchNotebook } from "../../scripts/notebook/jupyter";
import { readNotebook } from "../../scripts/notebook/notebook";
import { startCells } from "../support/cells";
import { temporaryFolder } from "../support/folders";

test("no message of the kernel is lost, however many follow each other", { timeout: 60_000 }, async () => {
  const many = 'for (let i = 0; i < 1500; i++) console.log("line", i);';
  const { child, files } = startCells(temporaryFolder(), many, 'console.log("the next cell");');
  const end = await watchNotebook(child, () => undefined);
  assert.equal(end.done, true, JSON.stringify(end));
  const printed = readNotebook(files.executed).cells.map(({ outputs }) =>
    outputs?.flatMap(({ text }) => text).join(""),
  );
  assert.deepEqual(printed, [Array.from({ length: 1500 }, (_, i) => `line ${i}\n`).join(""), "the next cell\n"]);
});
