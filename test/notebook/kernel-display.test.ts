/** What the last expression of a cell is shown as. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CellRun, KernelClient } from "../support/kernel";

const TIMEOUT = { timeout: 90_000 };

function resultOf({ outputs }: CellRun): Record<string, unknown> {
  assert.deepEqual(
    outputs.map(({ type }) => type),
    ["execute_result"],
    JSON.stringify(outputs),
  );
  return outputs[0]?.content.data as Record<string, unknown>;
}

test("the value of the last expression is shown as text", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const run = await kernel.run("const a = 20;\na + 1");
  assert.deepEqual(resultOf(run), { "text/plain": "21" });
  assert.equal(run.outputs[0]?.content.execution_count, 1);
  assert.deepEqual(resultOf(await kernel.run("({ a: [1, 2] })")), { "text/plain": "{ a: [ 1, 2 ] }" });
  assert.deepEqual(resultOf(await kernel.run('"text"')), { "text/plain": "text" });
  for (const silent of ["undefined", "null", "const b = 1;", "if (a > 1) { a; }"]) {
    assert.deepEqual((await kernel.run(silent)).outputs, []);
  }
});

test("a promise at the end of a cell is waited for, and its value shown", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const later = "new Promise<number>((done) => setTimeout(() => done(7), 100))";
  assert.deepEqual(resultOf(await kernel.run(later)), { "text/plain": "7" });
  assert.deepEqual((await kernel.run("Promise.resolve()")).outputs, []);
  const { reply } = await kernel.run('Promise.reject(new RangeError("no"))');
  assert.deepEqual([reply.status, reply.ename, reply.evalue], ["error", "RangeError", "no"]);
});

test("a DataFrame is shown as a table, a figure as a figure, and a dataset as text", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  await kernel.run(`import { beforeAfterBars, Dataset } from "../dist";
const dataset = Dataset.fromRows([{ label: 1, text: "one" }, { label: 0, text: "two" }]);`);
  const frame = resultOf(await kernel.run("dataset.toDataFrame()"));
  assert.match(String(frame["text/html"]), /<table.*<td[^>]*>two</s);
  assert.match(String(frame["text/plain"]), /two/);
  const figure = resultOf(await kernel.run('beforeAfterBars([{ split: "test", before: 0.5, after: 0.75 }])'));
  assert.deepEqual(Object.keys(figure).sort(), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert.deepEqual(Object.keys(resultOf(await kernel.run("dataset"))), ["text/plain"]);
});
