/**
 * `npm run test:sanitize`: the tests of the fused kernels with kernels compiled for it, which watch every memory access
 * (AddressSanitizer) and every operation that C++ leaves undefined (UBSan), with each set of instructions that
 * this processor has. The first finding ends its test.
 */
import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { timed } from "./checks/sources.mjs";
import { capture } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { refuseOptions, runMain, SetupError } from "./setup/setup-error.mjs";
import { filesUnder } from "./setup/stamps.mjs";
import { compile } from "./setup/steps/compiler.mjs";
import { instructionSets, job } from "./setup/steps/kernels.mjs";
import { setUp } from "./setup.mjs";

const kernels = inProject(".setup", "kernels-sanitized", "ethics_kernels.node");
const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"];

/** The tests that run the kernels and do not measure the process's own memory. */
const TESTS = ["native/graph", "native/library", "ops/"];

await runMain(async () => {
  refuseOptions("npm run test:sanitize", process.argv.slice(2));
  await setUp();
  const { objects, flags } = job(process.platform, process.arch);
  const watched = objects.map(({ name, flags }) => ({ name, flags: [...flags, ...checks] }));
  const compiler = await compile({ objects: watched, flags: [...flags, ...checks], out: kernels });
  try {
    const preload = await Promise.all(["libasan.so", "libubsan.so"].map((name) => runtimeOf(compiler, name)));
    Object.assign(process.env, {
      LD_PRELOAD: preload.join(":"),
      // Node and TensorFlow keep memory until the end; tfjs frees an array of its own by `delete` without brackets.
      ASAN_OPTIONS: "detect_leaks=0:alloc_dealloc_mismatch=0:abort_on_error=1",
      UBSAN_OPTIONS: "print_stacktrace=1",
      ETHICS_KERNELS_FILE: kernels,
    });
    const files = filesUnder(inProject("test", "tensor")).filter(
      (file) => file.endsWith(".test.ts") && TESTS.some((name) => file.includes(name)),
    );
    for (const instructions of await instructionSets()) {
      process.env.ETHICS_KERNELS = instructions;
      const code = await timed(`${instructions}, ${files.length} test files`, ["--import", "tsx", "--test", ...files]);
      if (code !== 0) return code;
    }
  } finally {
    rmSync(dirname(kernels), { recursive: true, force: true });
  }
});

/**
 * A sanitizer's library, which has to be in the process before anything else is.
 * @param {string} compiler
 * @param {string} name
 */
async function runtimeOf(compiler, name) {
  const file = (await capture("the sanitizers", compiler, [`-print-file-name=${name}`])).trim();
  if (existsSync(file)) return file;
  throw new SetupError(
    `\`${compiler}\`: expected ${name} beside it, got none. Install g++ (it has both sanitizers), or name one: \`CXX=g++ npm run test:sanitize\`.`,
  );
}
