/** How the end of a cell that failed is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { KernelClient, type KernelMessage, textOf } from "../support/kernel";

const TIMEOUT = { timeout: 60_000 };
const RED = "\u001b[31m";

interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Runs a cell that fails. @returns its error output, without colors where they are not asked for */
async function failure(kernel: KernelClient, code: string): Promise<Failure & { text: string }> {
  const { reply, outputs } = await kernel.run(code);
  const errors = outputs.filter(({ type }) => type === "error") as (KernelMessage & { content: unknown })[];
  assert.equal(errors.length, 1, JSON.stringify(outputs));
  assert.deepEqual(outputs.at(-1), errors[0]);
  const content = errors[0]?.content as unknown as Failure;
  const { status, execution_count, ...told } = reply;
  assert.deepEqual([status, told], ["error", content]);
  assert.ok(Number(execution_count) > 0);
  const text = stripVTControlCharacters(content.traceback.join("\n"));
  assert.ok(content.traceback[0]?.startsWith(RED));
  return { ...content, text };
}

const thrown = `import { readFileSync } from "fs";
interface Unseen {
  name: string;
}
const greeting: Unseen = { name: "you" };
console.log(greeting.name);
const later: number = 3 as number; if (later > 2) throw new RangeError("too\\nmuch");
`;

test("an error that a cell throws is told with the line and column of the cell", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { ename, evalue, text } = await failure(kernel, thrown);
  assert.deepEqual([ename, evalue], ["RangeError", "too\nmuch"]);
  assert.equal(
    text,
    `RangeError: too
much

  5 | const greeting: Unseen = { name: "you" };
  6 | console.log(greeting.name);
> 7 | const later: number = 3 as number; if (later > 2) throw new RangeError("too\\nmuch");
    |                                                         ^
  8 | 
    at cell 1, line 7, column 57`,
  );
});

test(
  "an error in a function of an earlier cell is shown there, and who called it is named",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    await kernel.run(
      "\n\nasync function read(file: string): Promise<string> {\n  await null;\n  throw new TypeError(file);\n}",
    );
    const { text } = await failure(kernel, '// first line\nawait read("not so");');
    assert.match(text, /^TypeError: not so\n/);
    assert.match(text, /\n> 5 \| {3}throw new TypeError\(file\);\n {4}\| {9}\^\n/);
    assert.match(text, /\n {4}at read, cell 1, line 5, column 9\n {4}at cell 2, line 2, column 1$/);
    assert.doesNotMatch(text, /node:|tslab|node_modules/);
  },
);

test(
  "of an error of the library its words, its place and the cell's line are told, no frames of the kernel",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    const { ename, evalue, text } = await failure(
      kernel,
      'import { LoraConfig } from "../dist";\n\nnew LoraConfig({ r: -1 });',
    );
    assert.equal(ename, "RangeError");
    assert.match(evalue, /^`r`: expected a positive integer/);
    assert.match(text, /\n> 3 \| new LoraConfig\(\{ r: -1 \}\);\n {4}\| \^\n/);
    const frames = text.split("\n").filter((line) => /^ +at /.test(line));
    assert.equal(frames.length, 2, text);
    assert.match(frames[0] ?? "", /dist\/lora\/config\.js:\d+/);
    assert.match(frames[1] ?? "", /at cell 1, line 3, column 1$/);
  },
);

test("what was thrown need not be an error", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { ename, evalue } = await failure(kernel, "throw { code: 7 };");
  assert.deepEqual([ename, evalue], ["Thrown", "{ code: 7 }"]);
});

test("the cause of an error is told with it", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { text } = await failure(
    kernel,
    'const cause = new Error("no disk");\nthrow new Error("not saved", { cause: cause });',
  );
  assert.match(text, /^Error: not saved\n(.*\n)*because of\nError: no disk\n/);
});

test(
  "mistakes that the compiler finds are told with their lines, and nothing of the cell runs",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    const code = 'console.log("never");\nconst count: number = "three";\nconst more = count.toFixd(2);';
    const { ename, evalue, text } = await failure(kernel, code);
    assert.equal(ename, "TypeScriptError");
    assert.equal(
      evalue,
      "line 2, column 7: Type 'string' is not assignable to type 'number'.\n" +
        "line 3, column 20: Property 'toFixd' does not exist on type 'number'. Did you mean 'toFixed'?",
    );
    assert.match(text, /> 2 \| const count: number = "three";\n {4}\| {7}\^/);
    assert.match(text, /> 3 \| const more = count\.toFixd\(2\);\n {4}\| {20}\^/);
  },
);

test("a misspelt option is told once, at its place, with the reasons below", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const code = 'import { LoraConfig } from "../dist";\nnew LoraConfig({ rnk: 8 } as { r: string });';
  const { evalue, traceback } = await failure(kernel, code);
  assert.match(evalue, /^line 2, column \d+: .*\n {2}/);
  assert.equal(traceback.filter((line) => line.includes("TypeScriptError")).length, 1);
});

test("what the end of a cell lacks is told at its end", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { evalue, text } = await failure(kernel, "1;\nfunction f( {");
  assert.match(evalue, /^line 2, column 14: '\}' expected\.|\n {2}'\}' expected\.$/m);
  assert.match(text, /> 2 \| function f\( \{\n {4}\| {14}\^/);
});

test("a function that calls itself without end is told once", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { text } = await failure(kernel, "function deep(): number {\n  return 1 + deep();\n}\ndeep();");
  assert.ok(text.split("\n").length < 15, text);
});

test("of an error that is a cell's value the kernel's frames are not shown either", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const text = stripVTControlCharacters(textOf(await kernel.run('new Error("kept")')));
  assert.match(text, /^Error: kept\n\n> 1 \| new Error.*\n.*\n {4}at cell 1, line 1, column 1$/);
});

test("of many mistakes the first five are shown", TIMEOUT, async (context) => {
  const kernel = await KernelClient.start(context);
  const { evalue, text } = await failure(kernel, Array.from({ length: 8 }, (_, i) => `unknown${i};`).join("\n"));
  assert.equal(evalue.split("\n").length, 8);
  assert.equal(text.match(/TypeScriptError/g)?.length, 5);
  assert.match(text, /and 3 more$/);
});

test(
  "what a failed cell had come to is there for the next one, and what it had not is unknown",
  TIMEOUT,
  async (context) => {
    const kernel = await KernelClient.start(context);
    await kernel.run("const before = 1;");
    await failure(
      kernel,
      'const reached = before + 1, also = "x";\nfunction twice(n: number) { return 2 * n; }\nawait null;\nthrow new Error("no");\nconst missed = 3;',
    );
    const { outputs } = await kernel.run("console.log(before, twice(reached), also);");
    assert.deepEqual(outputs[0]?.content.text, "1 4 x\n");
    const { evalue } = await failure(kernel, "missed;");
    assert.match(evalue, /Cannot find name 'missed'/);
  },
);
