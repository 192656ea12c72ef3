import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile, type TensorData, writeSafetensors } from "../../lib/files/safetensors";
import { temporaryFolder } from "../support/folders";
import { fixture, flat, type Numbers, readFixture } from "../support/golden";

interface Verdicts {
  files: Record<
    string,
    {
      what: string;
      required: "accept" | "reject" | "either";
      tensors?: Record<string, { shape: number[]; values: Numbers }>;
      metadata?: Record<string, string> | null;
    }
  >;
}

const { files } = readFixture<Verdicts>("broken", "verdicts.json");

test("the fixtures hold 45 files", () => {
  assert.equal(Object.keys(files).length, 45);
});

for (const [name, { what, required, tensors = {}, metadata }] of Object.entries(files)) {
  const path = fixture("broken", `${name}.safetensors`);
  const verdict = { accept: "read rightly", reject: "refused", either: "read rightly or refused" }[required];
  test(`${name} (${what}) is ${verdict}`, () => {
    let file: SafetensorsFile;
    try {
      file = SafetensorsFile.open(path);
    } catch (error) {
      assert.notEqual(required, "accept", String(error));
      assert.ok(error instanceof Error && error.name === "FileFormatError", String(error));
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      return;
    }
    assert.notEqual(required, "reject");
    assert.deepEqual([...file.tensors.keys()].sort(), Object.keys(tensors).sort());
    for (const [key, { shape, values }] of Object.entries(tensors)) {
      assert.deepEqual(file.tensors.get(key)?.shape, shape);
      assert.deepEqual([...file.readFloat32(key)], flat(values));
    }
    assert.deepEqual(file.metadata, metadata ?? {});
  });
}

test("every dtype is read with its values", () => {
  const expected = readFixture<Record<string, { shape: number[]; values: Numbers }>>("good", "dtypes.json");
  const file = SafetensorsFile.open(fixture("good", "dtypes.safetensors"));
  assert.deepEqual([...file.tensors.keys()].sort(), Object.keys(expected).sort());
  for (const [name, { shape, values }] of Object.entries(expected)) {
    assert.deepEqual(file.tensors.get(name)?.shape, shape, name);
    const actual = file.read(name);
    const wanted = flat(values).map(Number);
    assert.deepEqual(Array.from(actual as ArrayLike<number | bigint>, Number), wanted, name);
    assert.deepEqual([...file.readFloat32(name)], wanted.map(Math.fround), name);
  }
});

test("64-bit integers keep every digit", () => {
  const file = SafetensorsFile.open(fixture("good", "dtypes.safetensors"));
  assert.ok(file.read("i64") instanceof BigInt64Array);
});

const tensors = new Map<string, TensorData>([
  ["b", { shape: [2, 2], values: Float32Array.of(1, -2, 0.5, 1e-30) }],
  ["codes", { shape: [3], values: Uint8Array.of(0, 127, 255) }],
  ["a", { shape: [], values: Float32Array.of(7) }],
  ["empty", { shape: [0, 4], values: new Float32Array(0) }],
]);

test("a written file is read back, its tensors sorted by element size and name, its header padded to a multiple of 8 bytes", () => {
  const path = join(temporaryFolder(), "new", "model.safetensors");
  writeSafetensors(path, tensors);
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  assert.equal(length % 8, 0);
  const header = bytes.subarray(8, 8 + length).toString("utf8");
  assert.match(header, /^\{"__metadata__":\{"format":"pt"\},"a":.*\} *$/);
  assert.deepEqual(Object.keys(JSON.parse(header)), ["__metadata__", "a", "b", "empty", "codes"]);
  const file = SafetensorsFile.open(path);
  assert.deepEqual(file.metadata, { format: "pt" });
  for (const [name, { shape, values }] of tensors) {
    assert.deepEqual(file.tensors.get(name)?.shape, shape);
    assert.deepEqual(file.read(name), values);
  }
});

test("in half precision floats take two bytes, raw bytes stay as they are", () => {
  const path = join(temporaryFolder(), "half.safetensors");
  writeSafetensors(path, tensors, { half: true });
  const file = SafetensorsFile.open(path);
  const kinds = [...file.tensors].map(([name, { dtype }]) => [name, dtype]);
  assert.deepEqual(kinds, [
    ["a", "F16"],
    ["b", "F16"],
    ["empty", "F16"],
    ["codes", "U8"],
  ]);
  assert.deepEqual([...file.readFloat32("b")], [1, -2, 0.5, 0]);
});

test("values given as a function are computed once, after the tensors before them were written", () => {
  const path = join(temporaryFolder(), "asked.safetensors");
  const sizes: number[] = [];
  const ask = (value: number) => (): Float32Array => {
    sizes.push(statSync(`${path}.${process.pid}.part`).size);
    return Float32Array.of(value, value);
  };
  const names = ["a", "b", "c"];
  writeSafetensors(path, new Map(names.map((name, i) => [name, { shape: [2], values: ask(i) }])));
  const file = SafetensorsFile.open(path);
  const start = statSync(path).size - 24;
  assert.deepEqual(sizes, [start, start + 8, start + 16]);
  assert.deepEqual(
    names.map((name) => [...file.readFloat32(name)]),
    [0, 1, 2].map((i) => [i, i]),
  );
});

test("of a view into a larger array only the elements of the view are written", () => {
  const path = join(temporaryFolder(), "part.safetensors");
  writeSafetensors(path, new Map([["x", { shape: [2], values: Float32Array.of(1, 2, 3, 4).subarray(1, 3) }]]));
  assert.deepEqual([...SafetensorsFile.open(path).readFloat32("x")], [2, 3]);
});

test("a missing file, a missing tensor and a dtype that cannot be read are errors that name them", () => {
  const folder = temporaryFolder();
  const path = join(folder, "x.safetensors");
  assert.throws(() => SafetensorsFile.open(path), {
    name: "FileFormatError",
    message: `${path}: expected a file, got none.`,
  });
  const header = Buffer.from('{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, header, Buffer.alloc(2)]));
  const file = SafetensorsFile.open(path);
  assert.throws(() => file.read("v"), /x\.safetensors: `v`: expected this tensor, got none\./);
  assert.throws(() => file.read("w"), /x\.safetensors: `w`: expected a dtype of BOOL, .*F64, got F8_E4M3\./);
});

test("a file that lost its end after it was opened is an error, not wrong values", () => {
  const path = join(temporaryFolder(), "short.safetensors");
  writeSafetensors(path, tensors);
  const file = SafetensorsFile.open(path);
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  assert.throws(() => file.read("codes"), /short\.safetensors: expected bytes up to \d+, got fewer\./);
});

test("a tensor is read in pieces of 16 MB, whose buffer is used again", () => {
  const file = join(temporaryFolder(), "large.safetensors");
  const values = Float32Array.from({ length: 2 ** 22 + 3 }, (_, i) => i);
  writeSafetensors(file, new Map([["large", { shape: [values.length], values }]]));
  const reader = SafetensorsFile.open(file);
  const lengths: number[] = [];
  const buffers = new Set<ArrayBufferLike>();
  let next = 0;
  for (const piece of reader.pieces("large")) {
    lengths.push(piece.length);
    buffers.add(piece.buffer);
    assert.ok(piece.every((value) => value === next++));
  }
  assert.deepEqual([lengths, buffers.size], [[2 ** 22, 3], 1]);
});

function withHeader(header: string, bytes = 8): string {
  const path = join(temporaryFolder(), "made.safetensors");
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(bytes)]));
  return path;
}

const FIELDS = '"dtype":"F32","shape":[2],"data_offsets":[0,8]';

// Each answer is that of safe_open of safetensors 0.8.0 in Python.
const ANSWERS: [header: string, isRead: boolean][] = [
  [`{"__metadata__":null,"a":{${FIELDS}}}`, true],
  [`{"a":{${FIELDS},"more":[1,{"q":2.5}],"more":null}}`, true],
  [`{"a":{${FIELDS},"more":1e999}}`, false],
  [`{"a":{${FIELDS},"more":"\\ud800"}}`, false],
  [`{"a":{${FIELDS},"more":${"[".repeat(125)}${"]".repeat(125)}}}`, true],
  [`{"a":{${FIELDS},"more":${"[".repeat(126)}${"]".repeat(126)}}}`, false],
  [`{"a":{"dtype":"F32",${FIELDS}}}`, false],
  [`{"__metadata__":{},"__metadata__":{},"a":{${FIELDS}}}`, false],
  [`{"__metadata__":{"x":"1","x":"2"},"a":{${FIELDS}}}`, true],
  [`{"a":{${FIELDS}},"a":{${FIELDS}}}`, true],
  [`{"a":null,"a":{${FIELDS}}}`, false],
  [`{"a":{"\\u0064type":"F32","shape":[2],"data_offsets":[0,8]}}`, true],
  ['{"a":{"dtype":"F32","shape":[-0,2],"data_offsets":[0,8]}}', false],
  ['{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', false],
  [`{"a":{"dtype":"F32","shape":[2${",1".repeat(40_000)}],"data_offsets":[0,8]}}`, true],
  [`{"a":{"dtype":"F32","shape":[${"9,".repeat(40_000)}0],"data_offsets":[0,8]}}`, false],
  [`{"a":{"dtype":"F32","shape":[${"1".repeat(100_000)}],"data_offsets":[0,8]}}`, false],
  [`{"__metadata__":${'{"x":'.repeat(1_000_000)}`, false],
  [`\ufeff{"a":{${FIELDS}}}`, false],
];

for (const [header, isRead] of ANSWERS) {
  test(`${header.slice(0, 70)} is ${isRead ? "read" : "refused"} as in Python, in under a second`, () => {
    const path = withHeader(header);
    const start = performance.now();
    if (isRead) assert.deepEqual([...SafetensorsFile.open(path).tensors.keys()], ["a"]);
    else assert.throws(() => SafetensorsFile.open(path), { name: "FileFormatError", message: /^.{1,1500}$/ });
    assert.ok(performance.now() - start < 1000);
  });
}

test("metadata of 16 MB is read", () => {
  const note = 'ab\\"'.repeat(2 ** 22);
  const path = withHeader(JSON.stringify({ __metadata__: { note } }), 0);
  assert.equal(SafetensorsFile.open(path).metadata.note, note);
});

test("pieces of every dtype are its values as float32", () => {
  const file = SafetensorsFile.open(fixture("good", "dtypes.safetensors"));
  for (const name of file.tensors.keys()) {
    const pieces = [...file.pieces(name)].map((piece) => [...piece]);
    assert.deepEqual(pieces.flat(), [...file.readFloat32(name)], name);
  }
});
