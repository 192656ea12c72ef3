import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/folders";
import { checkpointBytes, tinyTrainer } from "../support/training";

const FILES = ["adapter_model.safetensors", "optimizer.safetensors", "trainer_state.json", "manifest.json"];

const damages: [string, (file: string) => void][] = [
  [
    "a flipped bit in",
    (file) => {
      const bytes = readFileSync(file);
      const last = bytes.length - 3;
      bytes[last] = (bytes[last] ?? 0) ^ 4;
      writeFileSync(file, bytes);
    },
  ],
  ["half of", (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
  ["nothing in", (file) => truncateSync(file, 0)],
];

for (const [what, damage] of damages) {
  for (const name of FILES) {
    test(`with ${what} ${name} the checkpoint before is resumed from, and the end is the same`, async (t) => {
      const outputDir = temporaryFolder();
      const args = { outputDir, saveStrategy: "steps", saveSteps: 2 } as const;
      await tinyTrainer(args).train();
      const expected = checkpointBytes(join(outputDir, "checkpoint-6"));
      damage(join(outputDir, "checkpoint-6", name));
      const warn = t.mock.method(console, "warn", () => {});
      await tinyTrainer(args).train({ resumeFromCheckpoint: true });
      assert.match(
        String(warn.mock.calls[0]?.arguments[0]),
        /checkpoint-6.*\.broken; \S+checkpoint-4 is used instead\.$/s,
      );
      assert.deepEqual(checkpointBytes(join(outputDir, "checkpoint-6")), expected);
      assert.ok(existsSync(join(outputDir, "checkpoint-6.broken")));
    });
  }
}

test("where every checkpoint is broken, the newest one's file is named and none is touched", async () => {
  const outputDir = temporaryFolder();
  const args = { outputDir, saveStrategy: "steps", saveSteps: 3 } as const;
  await tinyTrainer(args).train();
  for (const step of [3, 6]) truncateSync(join(outputDir, `checkpoint-${step}`, "optimizer.safetensors"), 9);
  await assert.rejects(
    tinyTrainer(args).train({ resumeFromCheckpoint: true }),
    /checkpoint-6\/optimizer\.safetensors: expected SHA-256/,
  );
  assert.deepEqual(readdirSync(outputDir).sort(), ["checkpoint-3", "checkpoint-6"]);
});
