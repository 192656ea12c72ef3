import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { TorchCheckpoint } from "../../lib/files/torch-checkpoint";
import { temporaryFolder } from "../support/folders";
import { caseFile, fixture, flat, type Numbers, readFixture } from "../support/golden";

interface Verdicts {
  marker: string;
  files: Record<string, { what: string; required: "accept" | "reject" | "either" }>;
}

const { marker, files } = readFixture<Verdicts>("pickles", "verdicts.json");

test("the fixtures hold 19 files", () => {
  assert.equal(Object.keys(files).length, 19);
});

for (const [name, { what, required }] of Object.entries(files)) {
  const verb = { accept: "is read", reject: "is refused", either: "is refused, as it may be" }[required];
  test(`${name} (${what}) ${verb}, and nothing runs`, async () => {
    // The payloads would make a file in the working directory.
    const folder = temporaryFolder();
    const home = process.cwd();
    process.chdir(folder);
    try {
      const path = fixture("pickles", name);
      if (required === "accept") {
        const checkpoint = await TorchCheckpoint.open(path);
        assert.deepEqual([...checkpoint.tensors.keys()], ["a.weight", "b.bias"]);
        for (const tensor of checkpoint.tensors.keys())
          assert.ok(checkpoint.readFloat32(tensor).every(Number.isFinite));
      } else {
        await assert.rejects(TorchCheckpoint.open(path), (error: Error) => {
          assert.equal(error.name, "FileFormatError");
          assert.ok(error.message.startsWith(path), error.message);
          return true;
        });
      }
      assert.deepEqual(readdirSync(folder), []);
      assert.ok(!readdirSync(home).includes(marker));
    } finally {
      process.chdir(home);
    }
  });
}

test("every dtype is read with the values that Python wrote", async () => {
  const expected = readFixture<Record<string, { shape: number[]; values: Numbers }>>("good", "dtypes.json");
  const checkpoint = await TorchCheckpoint.open(fixture("good", "dtypes.bin"));
  assert.deepEqual([...checkpoint.tensors.keys()].sort(), Object.keys(expected).sort());
  for (const [name, { shape, values }] of Object.entries(expected)) {
    assert.deepEqual(checkpoint.tensors.get(name)?.shape, shape, name);
    assert.deepEqual(Array.from(checkpoint.read(name), Number), flat(values).map(Number), name);
  }
});

test("views into a shared storage are read by their offset and strides", async () => {
  const expected = readFixture<Record<string, Numbers>>("good", "views.json");
  const checkpoint = await TorchCheckpoint.open(fixture("good", "views.bin"));
  assert.deepEqual([...checkpoint.tensors.keys()].sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    assert.deepEqual([...checkpoint.readFloat32(name)], flat(values), name);
    assert.deepEqual(
      [...checkpoint.pieces(name)].flatMap((piece) => [...piece]),
      flat(values),
      name,
    );
  }
});

for (const name of ["roberta-head", "roberta-seed"] as const) {
  test(`${name}: pytorch_model.bin holds the weights of model.safetensors`, async () => {
    const other = SafetensorsFile.open(caseFile(name, "model", "model.safetensors"));
    const checkpoint = await TorchCheckpoint.open(caseFile(name, "model", "pytorch_model.bin"));
    for (const [tensor, { shape }] of other.tensors) {
      assert.deepEqual(checkpoint.tensors.get(tensor)?.shape, shape, tensor);
      assert.deepEqual(checkpoint.readFloat32(tensor), other.readFloat32(tensor), tensor);
    }
  });
}

test("a checkpoint that is cut off anywhere is refused", async () => {
  const folder = temporaryFolder();
  const bytes = readFileSync(fixture("pickles", "ok_plain_dict.bin"));
  for (let length = 0; length < bytes.length; length += 97) {
    const file = join(folder, `${length}.bin`);
    writeFileSync(file, bytes.subarray(0, length));
    await assert.rejects(TorchCheckpoint.open(file), { name: "FileFormatError" }, `${length} bytes`);
  }
});

test("changed bytes lead to an error or to tensors, never to anything else", async () => {
  const folder = temporaryFolder();
  const bytes = readFileSync(fixture("pickles", "ok_plain_dict.bin"));
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 0x5a;
    const file = join(folder, `${at}.bin`);
    writeFileSync(file, changed);
    try {
      const checkpoint = await TorchCheckpoint.open(file);
      for (const tensor of checkpoint.tensors.keys()) checkpoint.readFloat32(tensor);
    } catch (error) {
      assert.equal((error as Error).name, "FileFormatError", `byte ${at}: ${error}`);
    }
  }
});

test("storages of the other byte order are refused", async () => {
  const file = join(temporaryFolder(), "big.bin");
  const bytes = readFileSync(fixture("pickles", "ok_plain_dict.bin"));
  const at = bytes.indexOf("little");
  assert.ok(at > 0);
  bytes.write("bigbig", at);
  writeFileSync(file, bytes);
  await assert.rejects(TorchCheckpoint.open(file), /byteorder: expected little/);
});

test("a missing tensor and a missing file are errors that name them", async () => {
  const path = fixture("pickles", "ok_plain_dict.bin");
  const checkpoint = await TorchCheckpoint.open(path);
  assert.throws(() => checkpoint.read("c"), {
    name: "FileFormatError",
    message: /`c`: expected this tensor, got none/,
  });
  await assert.rejects(TorchCheckpoint.open(`${path}.gone`), { name: "FileFormatError", message: /expected a file/ });
});

test("a place in the zip's directory that cannot be is an error that names the file", async () => {
  const file = join(temporaryFolder(), "locator.bin");
  const bytes = readFileSync(fixture("pickles", "ok_plain_dict.bin"));
  const locator = bytes.lastIndexOf("PK\x06\x07");
  assert.ok(locator > 0);
  for (let bit = 0; bit < 160; bit++) {
    const changed = Buffer.from(bytes);
    changed[locator + (bit >> 3)] = (changed[locator + (bit >> 3)] as number) ^ (1 << (bit & 7));
    writeFileSync(file, changed);
    await TorchCheckpoint.open(file).catch((error: Error) => {
      assert.equal(error.name, "FileFormatError", String(error));
      assert.ok(error.message.startsWith(file), error.message);
    });
  }
});

test("a view that repeats its storage's elements without end is refused before it takes memory", async () => {
  const file = join(temporaryFolder(), "stride.bin");
  const bytes = readFileSync(fixture("pickles", "ok_plain_dict.bin"));
  // The pickle's shape [2, 3] and stride [3, 1] become [2²⁸] and [0], in as many bytes.
  const shape = bytes.indexOf(Buffer.from([0x4b, 2, 0x4b, 3, 0x86]));
  assert.ok(shape > 0);
  bytes.set([0x8a, 4, 0, 0, 0, 16, 0x85, 0x4b, 0, 0x85, 0x71, 9, 0x71, 9], shape);
  writeFileSync(file, bytes);
  await assert.rejects(TorchCheckpoint.open(file), /`a\.weight`: expected at most \d+ elements, got \[268435456\]/);
});
