/** `npm run conformance`: tfjs-core's own specs against the TensorFlow that was set up here. */
import { fork } from "node:child_process";
import { delimiter, join } from "node:path";
import { parse } from "../cli/command-line";
import { runCommand } from "../cli/run-command";
import { jasmineFolder } from "./jasmine";
import { KNOWN } from "./known";
import type { SpecResult } from "./specs";

const OPTIONS = [{ name: "only", kind: "text", help: "part of the names of the specs to run (default all)" }] as const;

/** So many pass at least: fewer mean that specs were not found. */
const FEWEST = 3800;
const MINUTES = 9;

runCommand(async (args) => {
  const { only = "" } = parse(args, OPTIONS);
  const results = await runSpecs(String(only));
  const of = (status: SpecResult["status"]): SpecResult[] => results.filter((result) => result.status === status);
  const [passed, failed] = [of("passed"), of("failed")];
  const [excluded, pending] = [of("excluded").length, of("pending").length];
  const unknown = failed.filter(({ fullName }) => !Object.hasOwn(KNOWN, fullName));
  for (const { fullName, failedExpectations } of failed) {
    console.log(`failed: ${fullName}\n  ${KNOWN[fullName] ?? failedExpectations[0]?.message.slice(0, 500)}`);
  }
  const names = only === "" ? "by tfjs-node's own list" : "by their names";
  console.log(
    `${passed.length} passed, ${failed.length} failed (${unknown.length} of them new), ${excluded + pending} skipped: ${excluded} ${names}, ${pending} by the specs themselves`,
  );
  const found = only === "" ? passed.length >= FEWEST : passed.length + failed.length > 0;
  if (!found) console.error(`expected at least ${only === "" ? FEWEST : 1} specs to pass. Were they found?`);
  return unknown.length === 0 && found ? 0 : 1;
});

function runSpecs(only: string): Promise<SpecResult[]> {
  const path = [jasmineFolder(), process.env.NODE_PATH ?? []].flat().join(delimiter);
  // TensorFlow warns of each wrong call, which the specs make on purpose.
  const child = fork(join(__dirname, "specs.ts"), [only], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, NODE_PATH: path, TF_CPP_MIN_LOG_LEVEL: "3" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    timeout: MINUTES * 60_000,
  });
  return new Promise((resolve, reject) => {
    child.on("message", (results) => resolve(results as SpecResult[]));
    child.on("exit", (code, signal) => reject(new Error(`the specs: expected an end, got ${signal ?? code}.`)));
  });
}
