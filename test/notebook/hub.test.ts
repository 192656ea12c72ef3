import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import { temporaryFolder } from "../support/folders";
import { smallDataset, smallModel } from "../support/hub-environment";
import { startHub } from "../support/hub-server";
import { start } from "../support/start";

/** A file of ETHICS with as many rows, half of them of each label. */
function rows(count: number): Buffer {
  const lines = Array.from(
    { length: count },
    (_, i) => `${i % 2},"I ${i % 2 ? "hid" : "fed"} cat number ${i}.",True,False`,
  );
  return Buffer.from(["label,input,is_short,edited", ...lines, ""].join("\n"));
}

test("with nothing named, a run goes from an empty cache by the hub to metrics.json, and again offline", {
  timeout: 400_000,
}, async () => {
  const files = { train: rows(32), test: rows(12), test_hard: rows(20) };
  const entries = Object.entries(files).map(([name, content]) => [`data/commonsense/${name}.csv`, content] as const);
  const hub = await startHub(smallModel(), smallDataset({ files: Object.fromEntries(entries) }));
  const folder = temporaryFolder();
  const own = Object.entries(process.env).filter(([name]) => !/^(HF_|HUGGING|TRANSFORMERS_OFFLINE)/.test(name));
  const env = {
    ...Object.fromEntries(own),
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: folder,
    HF_HUB_CACHE: join(folder, "hub"),
  };
  const run = async (name: string, ...options: string[]): Promise<RunMetrics> => {
    const out = join(folder, name);
    const { code, stdout, stderr } = await start(["--out", out, ...options], { env });
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as RunMetrics;
  };

  const metrics = await run("first");
  assert.deepEqual(missingMetrics({ ...metrics }), []);
  const { model, dataset, demo, trainRows, evalRows } = metrics;
  assert.deepEqual(
    { model, dataset, demo, trainRows, evalRows },
    {
      model: "siebert/sentiment-roberta-large-english",
      dataset: "hendrycks/ethics",
      demo: false,
      trainRows: 32,
      evalRows: 20,
    },
  );
  assert.ok(hub.requests.some(({ host }) => host === "content"));

  hub.requests.length = 0;
  const again = await run("second", "--offline");
  assert.deepEqual(hub.requests, []);
  assert.deepEqual(again.final, metrics.final);
});
