import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../../scripts/setup/child.mjs";
import { inProject, paths } from "../../scripts/setup/project.mjs";
import { entries, locked, lockedNames, lockedWheels } from "../../scripts/setup/steps/locked.mjs";
import { pip } from "../../scripts/setup/steps/python.mjs";
import { temporaryFolder } from "../support/folders";

/** Writes a wheel that holds nothing. */
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("robot-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: robot\\nVersion: 1.0\\n")
    wheel.writestr("robot-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("robot-1.0.dist-info/RECORD", "")
`;

test("a wheel is installed as it was locked, and refused when a byte of it is another or it has no hash", async () => {
  const folder = temporaryFolder();
  const wheel = join(folder, "robot-1.0-py3-none-any.whl");
  const file = join(folder, "requirements.txt");
  const install = (target: string): Promise<string> => {
    const args = ["install", "--no-index", "--find-links", folder, "--target", join(folder, target), ...locked(file)];
    return capture("a wheel", paths.python, [...pip, ...args]);
  };
  await capture("a wheel", paths.python, ["-c", MAKE_WHEEL, wheel]);
  const hash = createHash("sha256").update(readFileSync(wheel)).digest("hex");
  writeFileSync(file, `robot==1.0 --hash=sha256:${hash}\n`);
  await install("as-locked");
  appendFileSync(wheel, "\0");
  await assert.rejects(install("changed"), /DO NOT MATCH THE HASHES[\s\S]*robot/);
  writeFileSync(file, "robot==1.0\n");
  await assert.rejects(install("without"), /Hashes are required/);
});

for (const name of ["requirements", "wheels"]) {
  test(`${name}.txt has a version and hashes for everything, and the versions that ${name}.in wants`, () => {
    const [lock = "", wanted = ""] = ["txt", "in"].map((end) =>
      inProject("scripts", "setup", "steps", `${name}.${end}`),
    );
    const all = entries(lock);
    for (const entry of all.values()) {
      assert.match(entry.trim(), /^[\w.-]+==\S+( ; [^\\]+)?( \\\n {4}--hash=sha256:[0-9a-f]{64})+$/);
    }
    const lines = readFileSync(wanted, "utf8").split("\n");
    for (const line of lines.filter((line) => /^\w/.test(line))) assert.ok(all.has(line), line);
  });
}

test("of the locked wheels those that are asked for are given to pip, with their hashes", () => {
  const names = lockedNames("ziglang");
  const args = lockedWheels(names);
  const text = readFileSync(args.at(-1) ?? "", "utf8");
  assert.match(text, /^ziglang==[\d.]+ \\\n {4}--hash=sha256:/);
  assert.equal(text.match(/==/g)?.length, 1);
  assert.ok(args.includes("--require-hashes"));
});
