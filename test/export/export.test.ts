import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { METRIC_KEYS } from "../../lib/runs/metrics";
import { beginRunLog } from "../../lib/runs/parameters";
import { runPaths } from "../../lib/runs/run-folder";
import { UsageError } from "../../scripts/cli/command-line";
import { exportModel } from "../../scripts/commands/export";
import { temporaryFolder, writeFiles } from "../support/folders";

/** What a run on the demo leaves of itself, as far as an export reads it. */
async function demoRun(): Promise<string> {
  const folder = temporaryFolder();
  const model = join(__dirname, "../../data/demo/model");
  beginRunLog(folder, { demo: true, dtype: "bfloat16" });
  writeFiles(folder, { "metrics.json": Object.fromEntries(METRIC_KEYS.map((key) => [key, 8])) });
  const base = await AutoModelForSequenceClassification.fromPretrained(model);
  const adapted = getPeftModel(base, new LoraConfig({ r: 2 }));
  adapted.savePretrained(runPaths(folder).adapter);
  return folder;
}

test("the model of a run is written in the formats that were asked for, the adapter inside or apart", async (t) => {
  const shown: string[] = [];
  t.mock.method(console, "log", (line: string) => void shown.push(line));
  const [run, out] = [await demoRun(), temporaryFolder()];
  const log = readdirSync(run);
  assert.equal(await exportModel.main(["--run", run, "--out", join(out, "inside"), "--dtypes", "q8,fp32"]), 0);
  assert.deepEqual(readdirSync(join(out, "inside", "onnx")), ["model.onnx", "model_quantized.onnx"]);
  assert.match(shown.at(-1) ?? "", /^pipeline\("text-classification", ".*inside"\) of transformers\.js takes it\.$/);
  assert.ok(!existsSync(join(out, "inside", "adapter")));
  assert.equal(
    await exportModel.main(["--run", run, "--out", join(out, "apart"), "--dtypes=fp16", "--lora=inputs"]),
    0,
  );
  assert.ok(existsSync(join(out, "apart", "adapter", "adapter_config.json")));
  assert.match(shown.at(-1) ?? "", /docs\/onnx\/apply-adapter\.mjs/);
  assert.deepEqual(readdirSync(run), log);
});

test("a mistake is named with what is allowed", async () => {
  const refused = (expected: RegExp, ...args: string[]): Promise<void> =>
    assert.rejects(exportModel.main(args), (error) => error instanceof UsageError && expected.test(error.message));
  await refused(/`--run`: expected a value, got no such option/, "--out", "x");
  await refused(/`--out`: expected a value, got no such option/, "--run", "x");
  await refused(
    /`--dtypes`: expected one of fp32, fp16, q8, got "int4"/,
    "--run",
    "x",
    "--out",
    "y",
    "--dtypes",
    "int4",
  );
  await refused(/`--lora`: expected one of merged, inputs, got "apart"/, "--run", "x", "--out", "y", "--lora", "apart");
  await assert.rejects(
    exportModel.main(["--run", temporaryFolder(), "--out", "y"]),
    /expected a finished run with metrics\.json/,
  );
});
