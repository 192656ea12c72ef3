/** Runs tfjs-core's specs against TensorFlow, in a process of their own, and tells the parent what came of each. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";

/** What came of one spec, as jasmine reports it. */
export interface SpecResult {
  fullName: string;
  /** "excluded": left out by the filter; "pending": left out by the specs themselves. */
  status: "passed" | "failed" | "excluded" | "pending";
  failedExpectations: { message: string }[];
}

interface Jasmine {
  getEnv(): {
    configure(options: { random: boolean; specFilter(spec: { getFullName(): string }): boolean }): void;
    addReporter(reporter: { specDone(result: SpecResult): void }): void;
    execute(): Promise<unknown>;
  };
}

const CORE = join(dirname(require.resolve("@tensorflow/tfjs-core/package.json")), "dist");
const NODE = join(dirname(require.resolve("@tensorflow/tfjs-node-gpu/package.json")), "dist");

/** Parts of the names of specs that tfjs-node itself leaves out, from the program that it is tested with. */
function leftOut(): string[] {
  const [, list] = /IGNORE_LIST = (\[[\s\S]*?\n\]);/.exec(readFileSync(join(NODE, "run_tests.js"), "utf8")) ?? [];
  if (list === undefined)
    throw new Error("`run_tests.js` of tfjs-node: expected a list of specs to leave out, got none.");
  return runInNewContext(list) as string[];
}

const [only = ""] = process.argv.slice(2);
const jasmine = (require("jasmine-core") as { boot(): Jasmine }).boot();
require("../../lib/tensor/tensorflow");
require(join(CORE, "public/chained_ops/register_all_chained_ops.js"));
require(join(CORE, "register_all_gradients.js"));
const environment = { name: "test-tensorflow", backendName: "tensorflow", flags: {}, isDataSync: true };
require(join(CORE, "jasmine_util.js")).setTestEnvs([environment]);
require(join(CORE, "tests.js"));

const ignored = leftOut();
const results: SpecResult[] = [];
const env = jasmine.getEnv();
env.configure({
  random: false,
  specFilter: (spec) => spec.getFullName().includes(only) && !ignored.some((part) => spec.getFullName().includes(part)),
});
env.addReporter({
  specDone: ({ fullName, status, failedExpectations }) =>
    results.push({ fullName, status, failedExpectations: failedExpectations.map(({ message }) => ({ message })) }),
});
env.execute().then(() => process.send?.(results, () => process.exit(0)));
