import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { capture, noiseFilter } from "../../scripts/setup/child.mjs";

const root = join(__dirname, "..", "..");
const run = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, "scripts", script), ...args], { encoding: "utf8" });

test("set-up and doctor take no options and say so", () => {
  for (const [script, command] of [
    ["setup.mjs", "npm run setup"],
    ["doctor.mjs", "npm run doctor"],
  ] as const) {
    const { status, stderr } = run(script, "--fast");
    assert.equal(status, 1);
    assert.equal(stderr, `\n\`--fast\`: expected no options for \`${command}\`, got 1. Leave it out.\n`);
  }
});

test("every command sets up first what it needs, so that each can be the first in a fresh clone", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts)) {
    // npm itself lists the packages of package-lock.json, which need not be there.
    if (name === "sbom") continue;
    const [, script = ""] = /^node (scripts\/[\w-]+\.mjs)/.exec(command) ?? [];
    assert.notEqual(script, "", name);
    // The doctor says what is missing, and makes nothing.
    if (name === "doctor") continue;
    assert.match(readFileSync(join(root, script), "utf8"), /\bawait setUp\(/, name);
  }
});

test("a test name that fits no file is refused with the files there are", () => {
  const { status, stderr } = run("test.mjs", "no-such-test");
  assert.equal(status, 1);
  assert.match(
    stderr,
    /`no-such-test`: expected part of a test file's path, got none of:\n(.*\n)*test\/setup\/commands\.test\.ts/,
  );
});

test("a failing step shows its output and its exit code", async () => {
  const failing = capture("the trial", process.execPath, ["--eval", "console.error('the reason'); process.exit(3)"]);
  await assert.rejects(failing, /^SetupError: the reason\n\n`.*`: expected exit code 0 for the trial, got 3\.$/);
});

test("a command that does not exist is named in the error", async () => {
  await assert.rejects(
    capture("the trial", "no-such-command", []),
    /`no-such-command`: expected to start for the trial/,
  );
});

test("TensorFlow's two start-up lines are dropped from stderr, all else passes at once", async () => {
  const pieces = [
    "WARNING: All log mess",
    "ages before absl::InitializeLog() is called are written to STDERR\nI0000 00:00:17 1 port.cc:153] oneDNN custom operations are on. You",
    " may see\nWARNING: mine\n",
    "\r 10 %",
    "\r 20 %",
  ];
  assert.equal(await text(Readable.from(pieces).pipe(noiseFilter())), "WARNING: mine\n\r 10 %\r 20 %");
  const filter = noiseFilter();
  filter.write("\r 10 %");
  assert.equal(filter.read()?.toString(), "\r 10 %");
});
