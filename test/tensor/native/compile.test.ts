import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { addonInclude } from "../../../scripts/setup/steps/addon.mjs";
import { compilersHere, WARNINGS } from "../../../scripts/setup/steps/compiler.mjs";
import { job } from "../../../scripts/setup/steps/kernels.mjs";
import { temporaryFolder } from "../../support/folders";

const run = promisify(execFile);
const native = join(__dirname, "..", "..", "..", "lib", "tensor", "native");
const kernels = join(native, "kernels");
const [compiler = ""] = compilersHere();
const noCompiler = compiler === "" && "there is no compiler";
const noNm = noCompiler || (spawnSync("nm", ["--version"]).status !== 0 && "there is no nm");

/** Compiles as far as errors are found, warnings among them. */
async function check(...source: string[]): Promise<void> {
  await run(compiler, ["-std=c++17", "-fsyntax-only", "-Werror", ...WARNINGS, ...addonInclude(), ...source]);
}

test("our own C++ gives no warning, and every header compiles by itself", { skip: noCompiler }, async () => {
  const headers = readdirSync(kernels).filter((name) => name.endsWith(".h"));
  assert.ok(headers.length > 5);
  for (const header of headers) await check("-include", join(kernels, header), "-x", "c++", "/dev/null");
  await check(join(kernels, "addon.cc"));
  await check(join(native, "signals.cc"));
});

test("objects for different instruction sets share no symbol, so that none is linked in place of another", {
  skip: noNm,
}, async () => {
  const folder = temporaryFolder();
  const tables = job(process.platform, process.arch).objects.filter(({ name }) => name !== "addon");
  for (const { name, flags } of tables) {
    const object = join(folder, `${name}.o`);
    // Unoptimized: nothing that could be a function of its own is inlined unless it has to be.
    await run(compiler, [...flags, "-O0", "-Werror", "-c", "-o", object]);
    const { stdout } = await run("nm", ["--defined-only", "--extern-only", object]);
    const symbols = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ").at(-1) ?? "");
    assert.equal(symbols.length, 1, symbols.join());
    assert.match(symbols[0] ?? "", new RegExp(name));
  }
});
