import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runPaths } from "../../lib/runs/run-folder";
import { endOf, startProgram } from "../../scripts/faults/demo-run";
import { DISK } from "../../scripts/faults/disk";
import { type Fault, Lab, NotRun } from "../../scripts/faults/fault";
import { KILLS } from "../../scripts/faults/kills";
import { temporaryFolder, writeFiles } from "../support/folders";

const lab = new Lab(temporaryFolder(), { steps: 20, saveSteps: 5 }, 1, 7);

// One of each kind; `npm run faults` tries all of them.
for (const { name, meet } of [KILLS[0], DISK[0]] as Fault[]) {
  test(`a run of the demo survives: ${name}`, { timeout: 180_000 }, async (t) => {
    try {
      t.diagnostic(await meet(lab));
    } catch (error) {
      if (!(error instanceof NotRun)) throw error;
      t.skip(error.message);
    }
  });
}

test("an adapter that differs from the undisturbed run's is found", { timeout: 60_000 }, async () => {
  const out = lab.newFolder();
  cpSync(runPaths(await lab.whole()).adapter, runPaths(out).adapter, { recursive: true });
  await lab.assertSame(out);
  writeFiles(out, { "adapter/adapter_model.safetensors": "another" });
  await assert.rejects(lab.assertSame(out), /the adapter's SHA-256/);
});

test("a word that no fault has is refused with all their names", { timeout: 60_000 }, async () => {
  const { code, said } = await endOf(startProgram(join("faults", "main.ts"), ["--only", "flood"]));
  assert.equal(code, 2);
  assert.match(said, /^`--only`: expected a word of kill: SIGKILL at random moments, .* got flood\.\n$/);
});
