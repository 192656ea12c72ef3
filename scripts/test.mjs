/**
 * npm test            set-up, format, lint, types, all tests
 * npm test -- NAME…   only the test files whose path contains one of the names
 */
import { checkSources, timed } from "./checks/sources.mjs";
import { inProject, root } from "./setup/project.mjs";
import { runMain, SetupError } from "./setup/setup-error.mjs";
import { filesUnder } from "./setup/stamps.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const names = process.argv.slice(2);
  const files = testFiles(names);
  await setUp();
  const code = names.length === 0 ? await checkSources() : 0;
  if (code !== 0) return code;
  const options = ["--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=2"];
  return timed(`${files.length} test files`, [...options, ...files]);
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
