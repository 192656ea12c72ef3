/** The stop button: how a cell is interrupted, and what becomes of those that wait. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { KernelClient, textOf } from "../support/kernel";

const TIMEOUT = { timeout: 60_000 };

const signal = (kernel: KernelClient): void => void kernel.process.kill("SIGINT");
const request = (kernel: KernelClient): void => void kernel.send("interrupt_request", {}, "control");

/** Starts cells and interrupts the first, which prints when it has begun. */
async function interrupted(context: TestContext, interrupt: (kernel: KernelClient) => void, ...cells: string[]) {
  const kernel = await KernelClient.start(context);
  const ids = cells.map((code) => kernel.sendCell(code));
  await kernel.until(() => kernel.published.some(({ type }) => type === "stream"));
  interrupt(kernel);
  const runs = [];
  for (const id of ids) runs.push(await kernel.ended(id));
  return { kernel, runs, statuses: runs.map(({ reply }) => reply.status) };
}

for (const [name, interrupt] of [
  ["a signal", signal],
  ["an interrupt request", request],
] as const) {
  test(`${name} ends a cell that waits, and drops those behind it`, TIMEOUT, async (context) => {
    const cell =
      'const kept = 1;\nawait null;\nconsole.log("begun");\nawait new Promise((done) => setTimeout(done, 50_000));';
    const { kernel, runs, statuses } = await interrupted(context, interrupt, cell, 'console.log("next");');
    assert.deepEqual(statuses, ["error", "aborted"]);
    const error = runs[0]?.outputs.at(-1)?.content;
    assert.deepEqual([error?.ename, error?.evalue], ["KeyboardInterrupt", "the cell was stopped"]);
    assert.equal([error?.traceback].flat().length, 1);
    assert.equal(textOf(await kernel.run("console.log(kept);")), "1\n");
  });

  test(`${name} that a cell takes for itself lets it end well, and drops those behind it`, TIMEOUT, async (context) => {
    // As the trainer does: it takes the signal, finishes its step, and gives the signal back.
    const cell = `await null;
const others = process.listeners("SIGINT");
const wish = new Promise<void>((done) => process.once("SIGINT", () => done()));
for (const other of others) process.removeListener("SIGINT", other);
console.log("begun");
await wish;
for (const other of others) process.on("SIGINT", other);
const result = "saved";
console.log("stopped");`;
    const { kernel, runs, statuses } = await interrupted(context, interrupt, cell, 'console.log("next");', "1");
    assert.deepEqual(statuses, ["ok", "aborted", "aborted"]);
    assert.equal(runs.map(textOf).join(""), "begun\nstopped\n");
    assert.equal(textOf(await kernel.run("console.log(result);")), "saved\n");
  });
}

test("a signal ends a cell that computes, and drops those behind it", TIMEOUT, async (context) => {
  const cell = 'const kept = 1;\nconsole.log("begun");\nfor (;;);';
  const { kernel, runs, statuses } = await interrupted(context, signal, cell, "1");
  assert.deepEqual(statuses, ["error", "aborted"]);
  assert.equal(runs[0]?.outputs.at(-1)?.content.ename, "KeyboardInterrupt");
  assert.equal(textOf(await kernel.run("console.log(kept);")), "1\n");
});

test("a signal ends the wait for the promise that a cell ends with", TIMEOUT, async (context) => {
  const cell = 'setTimeout(() => console.log("begun"), 100);\nnew Promise((done) => setTimeout(done, 50_000))';
  const { statuses } = await interrupted(context, signal, cell, "1");
  assert.deepEqual(statuses, ["error", "aborted"]);
});

test("a signal between two cells stops nothing", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  await kernel.run("1");
  kernel.process.kill("SIGINT");
  await kernel.ask("interrupt_request", {}, "control");
  assert.equal(textOf(await kernel.run("console.log(2);")), "2\n");
});
