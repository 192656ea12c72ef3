import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import type { Sources } from "../../lib/ethics/sources";
import { trialIdentity } from "../../lib/sweep/identity";
import { TRIAL_DEFAULTS } from "../../lib/sweep/parameters";

const own = { model: false, dataset: false };
const identity = (named: { model?: string; dataset?: string }, sources: Omit<Sources, "banner">): string[] => {
  const { model, dataset } = trialIdentity({ ...TRIAL_DEFAULTS, ...named }, { ...sources, banner: "" });
  return [model, dataset];
};

test("unnamed sources are the original with its commit, or the demo", () => {
  const snapshots = { model: "/cache/models--a/snapshots/0123", dataset: "/cache/datasets--b/snapshots/4567" };
  const original = ["siebert/sentiment-roberta-large-english@0123", "hendrycks/ethics@4567"];
  assert.deepEqual(identity({}, { ...snapshots, demo: own }), original);
  const stands = { model: "/project/data/demo/model", dataset: "/project/data/demo/ethics" };
  const demo = ["data/demo/model", "data/demo/ethics"];
  assert.deepEqual(identity({}, { ...stands, demo: { model: true, dataset: true } }), demo);
});

test("a hub id has its commit, and a folder its absolute path", () => {
  const named = { model: "me/mine", dataset: "my-data" };
  const sources = { model: "/cache/models--me--mine/snapshots/89ab", dataset: "my-data", demo: own };
  assert.deepEqual(identity(named, sources), ["me/mine@89ab", resolve("my-data")]);
});
