import assert from "node:assert/strict";
import { test } from "node:test";
import { readStateDict } from "../../lib/files/pickle";

const ascii = (text: string): number[] => [...Buffer.from(text)];
const text = (value: string): number[] => [0x58, value.length, 0, 0, 0, ...ascii(value)];
const globalName = (module: string, name: string): number[] => [0x63, ...ascii(`${module}\n${name}\n`)];
const number = (value: number): number[] => [0x4b, value];
const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74];
const STOP = 0x2e;
const REDUCE = 0x52;

/** The pickle of one tensor of four float32 elements. */
function tensor(shape: number[][] = [number(2), number(2)], stride: number[][] = [number(2), number(1)]): number[] {
  const storage = tuple(text("storage"), globalName("torch", "FloatStorage"), text("0"), text("cpu"), number(4));
  const hooks = [...globalName("collections", "OrderedDict"), 0x29, REDUCE];
  const args = tuple([...storage, 0x51], number(0), tuple(...shape), tuple(...stride), [0x89], hooks);
  return [...globalName("torch._utils", "_rebuild_tensor_v2"), ...args, REDUCE];
}

const dictionary = (...items: number[][]): number[] => [0x7d, 0x28, ...items.flat(), 0x75];
const read = (...codes: number[]): ReturnType<typeof readStateDict> =>
  readStateDict(Uint8Array.from([0x80, 2, ...codes]));

test("a dictionary of tensors is read, with names that mean something to JavaScript among them", () => {
  const tensors = read(
    ...dictionary(text("__proto__"), tensor(), text("constructor"), tensor(), text("epoch"), number(3)),
    STOP,
  );
  assert.deepEqual([...tensors.keys()], ["__proto__", "constructor"]);
  assert.deepEqual(tensors.get("__proto__"), {
    kind: "tensor",
    storage: { kind: "storage", type: "FloatStorage", key: "0", count: 4 },
    offset: 0,
    shape: [2, 2],
    stride: [2, 1],
  });
});

test("a negative size or stride, a float or a number beyond 2⁵³ is refused", () => {
  const minusOne = [0x4a, 255, 255, 255, 255];
  const half = [0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0];
  const huge = [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  for (const bad of [minusOne, half, huge, text("2"), [0x4e]]) {
    for (const codes of [tensor([number(2), bad]), tensor(undefined, [number(2), bad])]) {
      assert.throws(
        () => read(...dictionary(text("w"), codes), STOP),
        /expected arguments that fit .*_rebuild_tensor_v2/,
      );
    }
  }
});

test("a pickle that ends early or misuses its stack is refused", () => {
  const whole = [...dictionary(text("w"), tensor()), STOP];
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => read(...whole.slice(0, length)), /^Error: expected/, `${length} bytes`);
  }
  const cases: [number[], RegExp][] = [
    [[STOP], /expected a value on the pickle's stack/],
    [[0x75, STOP], /expected a value on the pickle's stack|expected a mark/],
    [[0x68, 7, STOP], /expected entry 7 in the pickle's memo/],
    [[0x7d, 0x28, ...text("w"), 0x75, STOP], /expected a dictionary and pairs/],
    [[...number(1), ...number(2), 0x61, STOP], /expected a list to append to/],
    [[0x5d, ...text("state"), 0x62, STOP], /expected state for a dictionary only/],
    [[...number(1), 0x29, REDUCE, STOP], /expected a known global to call/],
    [[...number(1), 0x51, STOP], /expected a storage's id/],
    [[0x5d, STOP], /expected a dictionary of tensors/],
    [[0x58, 255, 255, 255, 255, STOP], /expected more bytes/],
  ];
  for (const [codes, message] of cases) assert.throws(() => read(...codes), message);
});

test("any other global and every opcode that a state dict does not need are refused by name", () => {
  for (const [module, name] of [
    ["os", "system"],
    ["builtins", "eval"],
    ["torch", "load"],
    ["torch", "QInt8Storage"],
    ["__proto__", "toString"],
  ] as const) {
    assert.throws(
      () => read(...globalName(module, name), STOP),
      new RegExp(`got the global ${module}.${name}; refused`),
    );
  }
  const used = new Set([
    0x80, 0x63, 0x52, 0x62, 0x51, 0x28, 0x2e, 0x29, 0x74, 0x85, 0x86, 0x87, 0x7d, 0x5d, 0x61, 0x65,
  ]);
  for (const more of [0x73, 0x75, 0x58, 0x4a, 0x4b, 0x4d, 0x8a, 0x47, 0x4e, 0x88, 0x89, 0x71, 0x72, 0x68, 0x6a])
    used.add(more);
  for (let opcode = 0; opcode < 256; opcode++) {
    if (!used.has(opcode))
      assert.throws(() => read(opcode), /expected the opcodes of a state dict/, `opcode ${opcode}`);
  }
});

test("a dictionary cannot be filled by calling its class, and only its class is called", () => {
  const pairs = [0x5d, ...tuple(text("w"), tensor()), 0x61];
  const filled = [...globalName("collections", "OrderedDict"), ...tuple(pairs), REDUCE, STOP];
  assert.throws(() => read(...filled), /expected arguments that fit collections\.OrderedDict/);
  assert.throws(() => read(...globalName("torch", "FloatStorage"), 0x29, REDUCE, STOP), /torch\.FloatStorage/);
});

test("what only fills memory is refused: tuples in tuples, dictionaries, endless opcodes, tensors of endless axes", () => {
  const many = (count: number, ...codes: number[]): number[] => Array.from({ length: count }, () => codes).flat();
  const readAll = (codes: number[]): unknown => readStateDict(Uint8Array.from(codes));
  const start = performance.now();
  assert.throws(() => readAll([0x29].concat(many(300_000, 0x85))), /expected fewer tuples, lists and dictionaries/);
  assert.throws(() => readAll(many(300_000, 0x7d)), /expected fewer tuples, lists and dictionaries/);
  assert.throws(() => readAll(many(2_200_000, 0x4e)), /expected at most 2097152 opcodes/);
  const axes = many(65, ...number(1));
  assert.throws(() => read(...dictionary(text("w"), tensor([axes], [axes])), STOP), /expected arguments that fit/);
  assert.ok(performance.now() - start < 2000);
});
