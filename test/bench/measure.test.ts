import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseConfig } from "../../lib/model/config";
import { nodeBackend } from "../../lib/tensor/raw-op";
import { flopPerToken, matmulWeights } from "../../scripts/bench/floor";
import { type BenchOptions, measure } from "../../scripts/bench/measure";
import { opTable } from "../../scripts/bench/op-meter";
import { writeFiles } from "../support/folders";
import { TINY_CONFIG } from "../support/tiny";
import { LENGTHS, tinyInputs } from "./inputs";

const inputs = tinyInputs({ batches: 4 });
const STEPS = 3;
const TOKENS = STEPS * LENGTHS.reduce((sum, length) => sum + length, 0);

const run = (changes: Partial<BenchOptions> = {}) =>
  measure({ ...{ job: "train", inputs, steps: STEPS, dtype: "float32", rank: 2, optim: "adamw" }, ...changes });

/** The keys of scripts/bench/hf_peer.py, in its order, and then those that the peer lacks. */
const SHARED_KEYS = ["who", "job", "dtype", "device", "dropout", "steps", "seconds", "tokens", "tokens_per_second"];
const KEYS = [...SHARED_KEYS, "peak_rss_bytes", "peak_gpu_bytes", "losses", "cpu_seconds"];
const OWN_KEYS = ["ops_per_step", "matmul_gflops", "floor_share", "kernels", "profile"];

test("a training run has the peer's keys, a loss of every step and a share of the floor", async () => {
  const figures = await run();
  assert.deepEqual(Object.keys(figures), [...KEYS, ...OWN_KEYS]);
  assert.deepEqual([figures.who, figures.job, figures.steps, figures.tokens], ["ours", "train", STEPS, TOKENS]);
  assert.equal(figures.losses.length, STEPS + 1);
  assert.ok(figures.losses.every((loss) => loss > 0 && loss < 5));
  assert.ok(figures.ops_per_step > 20);
  assert.ok(figures.matmul_gflops > 0 && figures.floor_share >= 0 && Number.isFinite(figures.floor_share));
  assert.deepEqual(figures.profile, []);
});

test("an evaluation gives the mean loss of its rows, that of a training step before the first update", async () => {
  // Two times the same batch, since the first warms up; B is 0 at first, so LoRA changes nothing yet.
  const twice = tinyInputs({ batches: 1 });
  const [batch] = JSON.parse(readFileSync(join(twice, "batches.json"), "utf8"));
  writeFiles(twice, { "batches.json": [batch, batch] });
  const evaluation = await run({ job: "eval", inputs: twice, steps: 1 });
  const training = await run({ inputs: twice, steps: 1 });
  assert.deepEqual(Object.keys(evaluation), [...KEYS, ...OWN_KEYS]);
  assert.equal(evaluation.losses.length, 1);
  assert.ok(Math.abs((evaluation.losses[0] as number) - (training.losses[0] as number)) < 1e-5);
  assert.equal((await run({ job: "eval" })).tokens, TOKENS);
});

test("the profile counts every operation of the counted steps, and tfjs has its own binding back", async () => {
  const { binding } = nodeBackend();
  const figures = await run({ profile: true });
  assert.equal(nodeBackend().binding, binding);
  const calls = figures.profile.reduce((sum, time) => sum + time.calls, 0);
  assert.equal(Math.round(calls / STEPS), figures.ops_per_step);
  const inside = figures.profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  assert.ok(inside > 0 && inside <= 1000 * figures.seconds + 1);
  assert.match(opTable(figures.profile, figures.seconds), /^MatMul +\d+ +\d+\.\d +\d+\.\d %$/m);
});

test("too few batches and a folder without any are refused", async () => {
  await assert.rejects(run({ steps: 9 }), /expected 9 batches for the steps and one to warm up, got 4\./);
  await assert.rejects(
    run({ inputs: "/nowhere" }),
    /`--inputs`: expected a folder with batches.json and model\/, got \/nowhere/,
  );
});

test("the floor counts the matrices of the layers: 302 million weights of RoBERTa-large, 1.21 GFLOP a token in training", () => {
  // hidden 8, inner 16: query, key, value and output are 8 × 8, the feed-forward matrices 8 × 16
  assert.equal(matmulWeights(parseConfig(TINY_CONFIG, "tiny")), 4 * 64 + 2 * 128);
  const large = { hidden_size: 1024, intermediate_size: 4096, num_hidden_layers: 24, num_attention_heads: 16 };
  const config = parseConfig({ ...TINY_CONFIG, ...large }, "large");
  assert.equal(matmulWeights(config), 24 * 12 * 1024 ** 2);
  assert.equal(flopPerToken(config, "train"), 4 * 301_989_888);
  assert.equal(flopPerToken(config, "eval"), 2 * 301_989_888);
});
