import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import { accuracyOf, originOf, processorName } from "../../scripts/notebook/belonging";
import { readNotebook } from "../../scripts/notebook/notebook";
import { temporaryFolder } from "../support/folders";
import { start } from "../support/start";

const root = join(__dirname, "../..");
const folder = temporaryFolder();

test("a run on the demo ends with all its files and the accuracies of the committed notebook", {
  timeout: 400_000,
}, async () => {
  const out = join(folder, "demo");
  const { code, stdout, stderr } = await start(["--demo", "--out", out], { timeout: 360_000 });
  assert.equal(code, 0, stdout + stderr);
  for (const name of ["ethics.ipynb", "ethics.html", "metrics.json", "adapter", "checkpoints", "log.jsonl"]) {
    assert.ok(stdout.includes(name) && existsSync(join(out, name)), name);
  }
  assert.deepEqual(
    readdirSync(out).filter((name) => /^\.|part|failed/.test(name)),
    [],
  );

  const metrics = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as RunMetrics;
  assert.deepEqual(missingMetrics({ ...metrics }), []);
  const committed = originOf(readNotebook(join(root, "notebooks/ethics.ipynb")));
  assert.ok(committed);
  // Another processor sums in another order, and a few of the several hundred answers may fall to the other side.
  const allowed = committed.processor === processorName() ? 0 : 0.02;
  for (const [name, value] of Object.entries(accuracyOf(metrics))) {
    const expected = committed.accuracy[name as keyof typeof committed.accuracy];
    assert.ok(Math.abs(Number(value) - Number(expected)) <= allowed, `${name}: ${value}, committed ${expected}`);
  }

  const executed = readNotebook(join(out, "ethics.ipynb")).cells.filter((cell) => cell.cell_type === "code");
  assert.deepEqual(
    executed.map((cell) => cell.execution_count),
    executed.map((_, i) => i + 1),
  );
  assert.deepEqual(
    executed.flatMap((cell) => cell.outputs ?? []).filter((output) => output.name === "stderr"),
    [],
  );
  assert.ok(statSync(join(out, "ethics.html")).size > 100_000);
  assert.match(stdout, /accuracy +before +after/);

  const refused = await start(["--demo", "--out", out], { timeout: 30_000 });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--overwrite replaces it/);
});

test("a run with frozen matrices in bfloat16 goes through all cells, and says so in its metrics", {
  timeout: 300_000,
}, async () => {
  const run = async (dtype: string): Promise<RunMetrics> => {
    const out = join(folder, dtype);
    const limits = ["--train-limit", "64", "--eval-limit", "64"];
    const { code, stdout, stderr } = await start(["--demo", "--dtype", dtype, ...limits, "--out", out], {
      timeout: 140_000,
    });
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as RunMetrics;
  };
  const [half, single] = [await run("bfloat16"), await run("float32")];
  assert.deepEqual([half.dtype, single.dtype], ["bfloat16", "float32"]);
  for (const part of ["baseline", "final"] as const) {
    assert.notEqual(half[part].loss, single[part].loss);
    assert.ok(Math.abs(half[part].loss - single[part].loss) < 0.02, `${half[part].loss} ${single[part].loss}`);
  }
});

test("a cell that fails ends the run with its error, and leaves nothing that looks finished", async () => {
  const out = join(folder, "failed");
  const { code, stderr } = await start(["--demo", "--target-modules", "nowhere", "--out", out]);
  assert.equal(code, 1);
  assert.match(stderr.trim().split("\n").at(-1) ?? "", /^\w*Error: .*nowhere/);
  assert.deepEqual(readdirSync(out).sort(), ["ethics.failed.ipynb", "log.jsonl"]);
  const cells = readNotebook(join(out, "ethics.failed.ipynb")).cells.filter((cell) => cell.cell_type === "code");
  const failed = cells.findIndex((cell) => cell.metadata.tags?.includes("lora"));
  assert.ok(failed >= 0);
  assert.ok(cells.slice(failed + 1).every((cell) => cell.outputs?.length === 0 && cell.execution_count === null));
});

test("an option that does not exist ends the run before it begins", async () => {
  const { code, stderr } = await start(["--ranks", "3", "--out", join(folder, "never")]);
  assert.equal(code, 2);
  assert.match(stderr, /^`--ranks`: expected one of the options below/);
  assert.equal(existsSync(join(folder, "never")), false);
});
