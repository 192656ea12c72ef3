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

test("a cell that fails ends the run with the error's words, and the cells behind it do not run", {
  timeout: 60_000,
}, async () => {
  const failing = 'throw new RangeError("`x`: expected y,\\ngot z.");';
  const { child, files } = startCells(temporaryFolder(), "1", failing, 'console.log("the next cell");');
  const end = await watchNotebook(child, () => undefined);
  assert.deepEqual([end.failed, end.error], [2, "RangeError: `x`: expected y,\ngot z."]);
  const { cells } = readNotebook(files.failed);
  assert.deepEqual(
    cells.map(({ outputs, execution_count }) => [outputs?.map(({ output_type }) => output_type), execution_count]),
    [
      [["execute_result"], 1],
      [["error"], 2],
      [[], null],
    ],
  );
});
