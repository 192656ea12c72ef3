import assert from "node:assert/strict";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { caseBytes, runCases, verdict } from "../../scripts/fuzz/cases";
import { FORMATS, type Format } from "../../scripts/fuzz/formats";
import { temporaryFolder } from "../support/folders";
import { fixture } from "../support/golden";

for (const format of Object.keys(FORMATS)) {
  test(`100 broken files of the format ${format} are read or refused, in little time and memory`, async () => {
    const findings = await runCases({ format, seed: 7, from: 0, count: 100 }, join(temporaryFolder(), "cases"));
    assert.deepEqual(findings, []);
  });
}

// The files are named after the format, the seed and the number of the case that found a fault.
for (const name of readdirSync(fixture("fuzz"))) {
  test(`${name}, which was a fault once, is read or refused`, async () => {
    const format = FORMATS[name.replace(/-\d+-\d+\.\w+$/, "")] as Format;
    const file = join(temporaryFolder(), format.file);
    copyFileSync(fixture("fuzz", name), file);
    assert.equal(await verdict(format, file), undefined);
  });
}

test("the same seed and number make the same case, others another", () => {
  const bytes = [1, 1, 2].map((seed) => caseBytes({ format: "csv", seed }, 3).toString("hex"));
  assert.equal(bytes[0], bytes[1]);
  assert.notEqual(bytes[0], bytes[2]);
});

test("a reader that crashes, and one that is slow, are found", async () => {
  const file = join(temporaryFolder(), "a");
  copyFileSync(fixture("wordpiece", "vocab.txt"), file);
  const crash = (): void => void (undefined as unknown as string).length;
  const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2100));
  assert.match((await verdict({ file: "a", seeds: [], read: crash }, file)) ?? "", /^TypeError/);
  assert.match((await verdict({ file: "a", seeds: [], read: slow }, file)) ?? "", /^\d+ ms$/);
});
