import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { compile, compilersHere } from "../../scripts/setup/steps/compiler.mjs";
import { job } from "../../scripts/setup/steps/kernels.mjs";
import { shortReason } from "../../scripts/setup/steps/optional.mjs";
import { temporaryFolder } from "../support/folders";

const { CXX, PATH } = process.env;
let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const [name, value] of Object.entries({ CXX, PATH })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** A compiler that writes its arguments into the file after `-o`, and what it is to do besides. */
function fakeCompiler(name: string, script = ""): string {
  const file = join(folder, name);
  const body = 'a="$*"; while [ "$1" != -o ]; do shift; done; echo "$a" > "$2"';
  writeFileSync(file, `#!/bin/sh\n${script}\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const objects = [
  { name: "one", flags: ["-DONE", "one.cc"] },
  { name: "two", flags: ["two.cc"] },
];

test("objects are compiled with their own flags, linked and cleared away", async () => {
  process.env.CXX = fakeCompiler("cxx", 'case "$*" in *.cc*) ;; *) cat "$1" "$2" > "$0.seen";; esac');
  const out = join(folder, "made", "library.node");
  assert.equal(await compile({ objects, flags: ["-shared"], out }), process.env.CXX);
  assert.deepEqual(readdirSync(join(folder, "made")), ["library.node"]);
  assert.match(readFileSync(out, "utf8"), /one\.o \S*two\.o -shared -o /);
  assert.match(
    readFileSync(`${process.env.CXX}.seen`, "utf8"),
    /^-DONE one\.cc -c -o .*one\.o\ntwo\.cc -c -o .*two\.o\n$/,
  );
});

test("a compiler that was named has to work, and a failure leaves nothing half made", async () => {
  process.env.CXX = fakeCompiler("cxx", 'case "$*" in *two.cc*) echo "two.cc:1: error: no" >&2; exit 1;; esac');
  const out = join(folder, "made", "library.node");
  await assert.rejects(compile({ objects, flags: [], out }), /two\.cc:1: error: no/);
  assert.deepEqual(readdirSync(join(folder, "made")), []);
});

test("the compilers of the machine are found by their names alone", () => {
  delete process.env.CXX;
  process.env.PATH = folder;
  assert.deepEqual(compilersHere(), []);
  fakeCompiler("clang++");
  fakeCompiler("g++");
  assert.deepEqual(compilersHere(), ["g++", "clang++"]);
  process.env.CXX = join(folder, "none");
  assert.deepEqual(compilersHere(), []);
});

test("on x86-64 there are kernels for three sets of instructions, elsewhere for one", () => {
  const names = (platform: string, arch: string): string[] => job(platform, arch).objects.map(({ name }) => name);
  assert.deepEqual(names("linux", "x64"), ["kernelsBaseline", "kernelsAvx2", "kernelsAvx512", "addon"]);
  assert.deepEqual(names("linux", "arm64"), ["kernelsBaseline", "addon"]);
  const all = [job("linux", "x64"), job("darwin", "arm64")].flatMap(({ objects, flags }) => [
    ...flags,
    ...objects.flatMap((object) => object.flags),
  ]);
  // NaN has to stay NaN, and the library has to run where it was not compiled.
  assert.ok(!all.some((flag) => /fast-math|finite-math|march=native/.test(flag)));
  assert.ok(job("darwin", "arm64").flags.includes("-Wl,-rpath,@loader_path/../tensorflow/tensorflow"));
  assert.ok(job("linux", "x64").flags.includes("-Wl,-rpath,$ORIGIN/../tensorflow/tensorflow"));
});

test("the first error in a compiler's output is reported", () => {
  assert.equal(
    shortReason("In file a.h:\nb.cc:3:4: error: no such name\n  3 | x\n\n`g++`: expected exit code 0"),
    "b.cc:3:4: error: no such name",
  );
  assert.equal(
    shortReason("`none`: expected to start for the compiler, got: ENOENT."),
    "`none`: expected to start for the compiler, got: ENOENT.",
  );
});
