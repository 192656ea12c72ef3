/** The kernel's messages, as Jupyter's protocol wants them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { KernelClient, textOf } from "../support/kernel";

const TIMEOUT = { timeout: 60_000 };
const wait = (milliseconds: number): string => `await new Promise((done) => setTimeout(done, ${milliseconds}));`;

test("a cell is announced, runs and is answered, each with its number", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const id = kernel.sendCell("console.log(6 * 7);");
  const { reply, outputs } = await kernel.ended(id);
  assert.deepEqual([reply.status, reply.execution_count], ["ok", 1]);
  assert.deepEqual(
    outputs.map(({ type, content }) => [type, content]),
    [["stream", { name: "stdout", text: "42\n" }]],
  );
  const told = kernel.published.filter(({ parent }) => parent === id).map(({ type }) => type);
  assert.deepEqual(told, ["status", "execute_input", "stream", "status"]);
  assert.equal((await kernel.run("1")).reply.execution_count, 2);
});

test(
  "a cell that waits for its turn is not busy, and the kernel is busy until the last has ended",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    const before = kernel.published.length;
    const cells = [1, 2, 3].map((i) => kernel.sendCell(`${wait(150)}\nconsole.log(${i});`));
    for (const cell of cells) await kernel.ended(cell);
    const states = kernel.published
      .slice(before)
      .filter(({ type }) => type === "status")
      .map(({ parent, content }) => [cells.indexOf(parent), content.execution_state]);
    assert.deepEqual(
      states,
      [0, 1, 2].flatMap((cell) => [
        [cell, "busy"],
        [cell, "idle"],
      ]),
    );
  },
);

test("questions are answered while a cell runs, and the kernel stays busy", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const cell = kernel.sendCell(`const first = 1;\n${wait(2000)}`);
  await kernel.until(() => kernel.statusesOf(cell).includes("busy"));
  const code = "Mat";
  const questions = [
    ["complete_request", { code, cursor_pos: 3 }],
    ["inspect_request", { code: "Math", cursor_pos: 2, detail_level: 0 }],
    ["is_complete_request", { code: "f(" }],
    ["kernel_info_request", {}],
    ["comm_info_request", {}],
    ["history_request", { hist_access_type: "tail", n: 10 }],
  ] as const;
  for (const channel of ["shell", "control"] as const) {
    for (const [type, content] of questions) {
      const id = kernel.send(type, content, channel);
      const reply = await kernel.reply(id);
      assert.equal(reply.type, type.replace("request", "reply"));
      await kernel.until(() => kernel.statusesOf(id).length === 2);
      assert.deepEqual(kernel.statusesOf(id), ["busy", "idle"]);
      await kernel.until(() => kernel.status === "busy");
      assert.equal(kernel.published.at(-1)?.parent, cell);
    }
  }
  assert.equal(kernel.statusesOf(cell).includes("idle"), false, "the cell had ended before the questions");
  await kernel.ended(cell);
  assert.equal(kernel.status, "idle");
});

test("what is asked of code is answered", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  await kernel.run("const unusualName = 12;");
  const code = '"😀"; unusu';
  const completion = await kernel.ask("complete_request", { code, cursor_pos: [...code].length });
  assert.deepEqual(completion.matches, ["unusualName"]);
  assert.deepEqual([completion.cursor_start, completion.cursor_end], [5, 10]);
  const inspection = await kernel.ask("inspect_request", { code: "unusualName", cursor_pos: 3 });
  assert.match(JSON.stringify(inspection.data), /const unusualName: 12/);
  const nothing = await kernel.ask("inspect_request", { code: "  ", cursor_pos: 1 });
  assert.deepEqual([nothing.status, nothing.found, nothing.data], ["ok", false, {}]);
  assert.equal((await kernel.ask("is_complete_request", { code: "for (;;) {" })).status, "incomplete");
  assert.equal((await kernel.ask("is_complete_request", { code: "f()" })).status, "complete");
  assert.deepEqual((await kernel.ask("history_request")).history, []);
  assert.deepEqual((await kernel.ask("comm_info_request", {}, "control")).comms, {});
});

test("when a cell fails, those that wait are dropped and later ones run", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const cells = [`${wait(100)} throw new Error("no");`, "console.log(1);", "console.log(2);"].map((code) =>
    kernel.sendCell(code),
  );
  const runs = [];
  for (const cell of cells) runs.push(await kernel.ended(cell));
  assert.deepEqual(
    runs.map(({ reply }) => reply.status),
    ["error", "aborted", "aborted"],
  );
  assert.deepEqual(runs.slice(1).map(textOf), ["", ""]);
  assert.equal(textOf(await kernel.run("console.log(3);")), "3\n");
});

test("cells that compute without a pause are dropped too when the first fails", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const busy = 'for (const end = Date.now() + 300; Date.now() < end; );\nthrow new Error("no");';
  const cells = [busy, "1", "2"].map((code) => kernel.sendCell(code));
  const replies = [];
  for (const cell of cells) replies.push((await kernel.ended(cell)).reply.status);
  assert.deepEqual(replies, ["error", "aborted", "aborted"]);
});

test("a cell that may fail drops none of those that wait", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const failing = kernel.sendCell('throw new Error("no");', { stop_on_error: false });
  const next = kernel.sendCell("console.log(1);");
  assert.equal((await kernel.ended(failing)).reply.status, "error");
  assert.equal(textOf(await kernel.ended(next)), "1\n");
});

test(
  "a shutdown request is answered on the control channel, and the kernel ends in the middle of a cell",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    const cell = kernel.sendCell(wait(60_000));
    await kernel.until(() => kernel.statusesOf(cell).includes("busy"));
    const ended = once(kernel.process, "exit", { signal: context.signal });
    assert.deepEqual(await kernel.ask("shutdown_request", { restart: true }, "control"), {
      status: "ok",
      restart: true,
    });
    assert.deepEqual(await ended, [0, null]);
  },
);

test("what a cell prints in pieces of a character comes whole", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const run = await kernel.run('for (const byte of Buffer.from("ä😀")) process.stdout.write(Buffer.of(byte));');
  assert.equal(textOf(run), "ä😀");
  const waited = await kernel.run('await new Promise<void>((done) => process.stdout.write("x", () => done()));');
  assert.equal(textOf(waited), "x");
});

test(
  "of a flood of lines the first come at once, the rest in few messages, and none is lost",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    const run = await kernel.run('for (let i = 0; i < 20_000; i++) console.error(i);\nconsole.log("end");');
    assert.equal(textOf(run), `${Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("")}end\n`);
    assert.ok(run.outputs.length < 1000, `${run.outputs.length} messages`);
    const id = kernel.sendCell("console.log(1); console.log(2);\nfor (;;);");
    await kernel.until(
      () => kernel.published.filter(({ type, parent }) => type === "stream" && parent === id).length === 2,
    );
  },
);

test("what comes after a cell's end belongs to that cell until the next begins", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const id = kernel.sendCell(
    'setTimeout(() => console.log("later"), 100); void Promise.reject(new Error("nobody waits"));',
  );
  await kernel.ended(id);
  await pause(300, undefined, { signal: context.signal });
  const texts = kernel.published.filter(({ type, parent }) => type === "stream" && parent === id);
  assert.match(texts.map(({ content }) => content.text).join(""), /nobody waits.*later/s);
});
