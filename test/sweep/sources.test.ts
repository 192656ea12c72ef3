import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { trialIdentity } from "../../lib/sweep/identity";
import { TRIAL_DEFAULTS } from "../../lib/sweep/parameters";
import { sweep } from "../../lib/sweep/sweep";
import { SweepWorkspace } from "../../lib/sweep/workspace";
import { temporaryFolder } from "../support/folders";
import { COMMIT, DATASET_ID, MODEL_ID, ownHubEnvironment, smallDataset, smallModel } from "../support/hub-environment";
import { startHub } from "../support/hub-server";

ownHubEnvironment();

const NOT_DEMO = { model: false, dataset: false };
const few = { trainLimit: 8, evalLimit: 8 };

test("a sweep of the demo says so at its start, and its trials are kept apart from the original's", async () => {
  const out = temporaryFolder();
  const told: string[] = [];
  const listener = {
    onSweepBegin: (banner: string) => void told.push(banner),
    onTrialBegin: ({ name }: { name: string }) => void told.push(name),
  };
  const options = { grid: { rank: [2] }, out, parameters: few, listener };
  assert.equal((await sweep(options)).trials.length, 1);
  assert.match(told[0] ?? "", /^model: the small embedded DEMO .*\ndataset: the small embedded DEMO /);
  assert.deepEqual(told.slice(1), ["rank-2"]);
  const trial = JSON.parse(readFileSync(join(out, "rank-2", "trial.json"), "utf8"));
  assert.deepEqual([trial.model, trial.dataset], ["data/demo/model", "data/demo/ethics"]);

  process.env.HF_ENDPOINT = (await startHub(smallModel(), smallDataset())).endpoint;
  await assert.rejects(
    sweep(options),
    new RegExp(`\`model\`: expected as the trial was started \\("data/demo/model"\\), got "${MODEL_ID}@${COMMIT}"`),
  );
  assert.ok(existsSync(join(out, "rank-2", "metrics.json")));
});

test("where models and data come from is told once for all trials", async () => {
  process.env.HF_ENDPOINT = (await startHub(smallModel(), smallDataset())).endpoint;
  const grid = { model: ["", MODEL_ID], rank: [2, 4] };
  const onSweepBegin = (banner: string): never => {
    throw new Error(banner);
  };
  const commit = `Hugging Face, commit ${COMMIT.slice(0, 7)}`;
  await assert.rejects(sweep({ grid, out: temporaryFolder(), listener: { onSweepBegin } }), {
    message: `model: ${MODEL_ID}, ${commit}\ndataset: ${DATASET_ID}, ${commit}`,
  });
});

test("a known evaluation before training is reused for the same model and data only", async () => {
  const parameters = { ...TRIAL_DEFAULTS, ...few, demo: true };
  const workspace = new SweepWorkspace();
  try {
    const sources = await workspace.sources(parameters);
    const known = { loss: 7, accuracy: 0.5 };
    workspace.knowBaseline(trialIdentity({ ...parameters, demo: false }, { ...sources, demo: NOT_DEMO }), known, 3);
    assert.notEqual((await workspace.material(parameters)).baseline.evalLoss, 7);
    workspace.knowBaseline(trialIdentity(parameters, sources), known, 3);
    const { evalLoss, evalAccuracy, evalRuntime } = (await workspace.material(parameters)).baseline;
    assert.deepEqual([evalLoss, evalAccuracy, evalRuntime], [7, 0.5, 3]);
  } finally {
    workspace.dispose();
  }
});
