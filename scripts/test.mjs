import { passThrough } from "./setup/child.mjs";
import { inProject, paths, root } from "./setup/project.mjs";
import { runMain, SetupError } from "./setup/setup-error.mjs";
import { filesUnder } from "./setup/stamps.mjs";
import { setUp } from "./setup.mjs";

const biome = inProject("node_modules", "@biomejs", "biome", "bin", "biome");

// npm test            set-up, format, lint, types, all tests
// npm test -- NAME…   only the test files whose path contains one of the names
await runMain(async () => {
  const names = process.argv.slice(2);
  const files = testFiles(names);
  await setUp();
  if (names.length === 0) {
    const checked =
      (await timed("format and lint", [biome, "check", "--error-on-warnings", "."])) ||
      (await timed("types", [paths.typescript, "--project", "tsconfig.json"]));
    if (checked !== 0) return checked;
  }
  return timed(`${files.length} test files`, [
    "--import",
    "tsx",
    "--test",
    "--test-reporter=spec",
    "--test-concurrency=2",
    ...files,
  ]);
});

/** @param {string[]} names */
function testFiles(names) {
  const files = filesUnder(inProject("test"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.slice(root.length + 1));
  const wanted = names.length === 0 ? files : files.filter((file) => names.some((name) => file.includes(name)));
  if (wanted.length > 0) return wanted;
  throw new SetupError(
    `\`${names.join(" ")}\`: expected part of a test file's path, got none of:\n${files.join("\n")}`,
  );
}

/**
 * @param {string} what
 * @param {string[]} args of Node
 */
async function timed(what, args) {
  const start = performance.now();
  const code = await passThrough(process.execPath, args, { filterOutput: true });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${what}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  return code;
}
