import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { ethicsTask } from "../../lib/ethics/task";
import { modelCard, writeModelCard } from "../../lib/report/model-card";
import type { RunMetrics } from "../../lib/runs/metrics";
import { temporaryFolder } from "../support/folders";

const metrics: RunMetrics = {
  ...{ model: "siebert/sentiment-roberta-large-english", dataset: "hendrycks/ethics", config: "commonsense" },
  ...{ trainSplit: "train", evalSplit: "test", demo: false, rank: 8, alpha: 16, dropout: 0.1, trainHead: false },
  ...{ targetModules: ["query", "value"], learningRate: 5e-5, batchSize: 4, trainableParameters: 786_432 },
  ...{
    totalParameters: 356_148_226,
    trainRows: 13_910,
    evalRows: 3_964,
    bestCheckpoint: null,
    steps: 3_478,
    epochs: 1,
  },
  baseline: { loss: 1.5, accuracy: 0.51 },
  final: { loss: 0.6, accuracy: 0.625 },
  validation: { before: 0.55, after: 0.875 },
  ...{ trainLoss: 0.5, tokens: 2_000_000, trainSeconds: 99.6, evalSeconds: 9, tokensPerSecond: 2e4, peakRssBytes: 1 },
  ...{ device: "cpu", dtype: "float32", optim: "adamw_8bit", seed: 42 },
  versions: { node: "20", tensorflow: "2.9", tfjs: "4", project: "0.1.0" },
};

/** The head's lines without the dashes around it. */
function headOf(card: string): string[] {
  const [, head = ""] = /^---\n(.*?)\n---\n/s.exec(card) ?? [];
  return head.split("\n");
}

test("the card's head names base model, library, task, data and results, as the hub reads them", () => {
  const head = headOf(modelCard(metrics));
  for (const line of [
    'base_model: "siebert/sentiment-roberta-large-english"',
    "library_name: peft",
    "pipeline_tag: text-classification",
    "- hendrycks/ethics",
    "    - type: accuracy",
    "      value: 0.625",
    '      split: "test"',
  ]) {
    assert.ok(head.includes(line), line);
  }
});

test("a dataset that is a folder is not named as one of the hub", () => {
  const head = headOf(modelCard({ ...metrics, dataset: '/home/me/ethics: "mine"' }));
  assert.ok(!head.includes("datasets:"));
  assert.ok(head.includes('      type: "local"'));
  assert.ok(head.includes('      name: "/home/me/ethics: \\"mine\\" (commonsense)"'));
});

test("the card's text has the results before and after, the settings and the limits", () => {
  const card = modelCard(metrics);
  assert.match(card, /\| test \| 3,964 \| 51\.0 % \| 62\.5 % \| 1\.5000 \| 0\.6000 \|/);
  assert.match(card, /\| validation \| {2}\| 55\.0 % \| 87\.5 % \|/);
  assert.match(card, /\| trained parameters \| 786,432 of 356,148,226 \|/);
  assert.match(card, /\| rank, alpha, dropout \| 8, 16, 0\.1 \|/);
  assert.match(card, /positive label \(1\) means acceptable/);
  assert.doesNotMatch(card, /toy/);
  assert.doesNotMatch(card, /undefined|NaN|null/);
});

test("the card of the demo says that it is one, and only commonsense has its labels exchanged", () => {
  assert.match(modelCard({ ...metrics, demo: true }), /embedded demo, a toy model/);
  assert.doesNotMatch(modelCard({ ...metrics, config: "justice" }), /exchanged/);
});

/** A run of a part with its own figure. */
function runOf(config: EthicsConfig): RunMetrics {
  const { metricForBestModel: own } = ethicsTask(config);
  if (own === "loss") return { ...metrics, config };
  return {
    ...{ ...metrics, config, trainHead: true },
    baseline: { ...metrics.baseline, [own]: 0.0625 },
    final: { ...metrics.final, [own]: 0.375 },
    validation: { ...metrics.validation, [own]: { before: 0.1, after: 0.25 } },
  };
}

test("each part's card says what it judges, and its Python code loads a head with the right number of outputs", () => {
  const TASKS: Record<EthicsConfig, RegExp> = {
    commonsense: /that judges whether what somebody did is acceptable, trained on the commonsense part/,
    justice: /whether the reason for treating somebody so, .*reasonable, trained .* Label 1 means reasonable/,
    deontology: /whether an excuse from a request, or a duty .*, trained .* \[SEP\].* Label 1 means reasonable/,
    virtue: /whether a trait of character fits what somebody did, trained .* Label 1 means that the trait fits/,
    utilitarianism: /scores how pleasant .*, trained .* one output .* higher score is the more pleasant\./,
  };
  for (const [config, told] of Object.entries(TASKS) as [EthicsConfig, RegExp][]) {
    const card = modelCard(runOf(config));
    assert.match(card, told);
    const { numLabels } = ethicsTask(config);
    const head = numLabels === undefined ? "" : `, num_labels=${numLabels}, ignore_mismatched_sizes=True`;
    assert.ok(card.includes(`from_pretrained("siebert/sentiment-roberta-large-english"${head})`), config);
    assert.doesNotMatch(card, /undefined|NaN|null/);
    assert.equal(/what somebody did is acceptable/.test(card), config === "commonsense");
  }
});

test("the paper's figure of a part has columns, an explanation and an entry in the head", () => {
  const justice = modelCard(runOf("justice"));
  assert.match(justice, /\| accuracy after \| groups all right before \| groups all right after \| loss before \|/);
  assert.match(justice, /\| test \| 3,964 \| 51\.0 % \| 62\.5 % \| 6\.3 % \| 37\.5 % \| 1\.5000 \| 0\.6000 \|/);
  assert.match(justice, /\| validation \| {2}\| 55\.0 % \| 87\.5 % \| 10\.0 % \| 25\.0 % \| {2}\| {2}\|/);
  assert.match(
    headOf(justice).join("\n"),
    /- accuracy\n- exact_match\n.*- type: exact_match\n.*\n {6}value: 0\.375\n/s,
  );
  for (const config of ["justice", "deontology", "virtue"] as const) {
    assert.match(modelCard(runOf(config)), new RegExp(`groups of ${ETHICS_PARTS[config].groupSize} rows`));
  }
  const ranked = modelCard(runOf("utilitarianism"));
  assert.match(ranked, /\| pairs ranked right before \| pairs ranked right after \|/);
  assert.match(headOf(ranked).join("\n"), /- type: pair_accuracy\n.*\n {6}value: 0\.375\n/);
  assert.doesNotMatch(modelCard(metrics), /exact_match|pair_accuracy|paper's figure/);
});

test("calibration and accuracy by length are on the card where they are known", () => {
  const card = modelCard(metrics, {
    calibration: { bins: [], expectedCalibrationError: 0.042, overconfidence: -0.01 },
    lengths: {
      unit: "characters",
      classes: [
        { from: 1, to: 200, rows: 10, accuracy: 0.9 },
        { from: 201, to: Number.POSITIVE_INFINITY, rows: 5, accuracy: 0.6 },
      ],
    },
  });
  assert.match(card, /expected calibration error 4\.2 %; on average it is 1\.0 % less sure than right/);
  assert.match(card, /\| up to 200 \| 10 \| 90\.0 % \|\n\| 201 and more \| 5 \| 60\.0 % \|/);
});

test("the card of other data speaks of its labels and not of ethics", () => {
  const run = { ...metrics, config: "default", dataset: "/data/soup.csv", trainHead: true };
  const card = modelCard(run, { labelNames: ["bad", "good"] });
  assert.match(
    card,
    /# LoRA adapter: soup\.csv\n\n.* gives texts one of 2 labels, trained on `\/data\/soup\.csv`, split/,
  );
  assert.match(card, /The labels: 0 bad, 1 good\./);
  assert.match(
    card,
    /, id2label=\{0: "bad", 1: "good"\}, label2id=\{"bad": 0, "good": 1\}, ignore_mismatched_sizes=True\)/,
  );
  assert.doesNotMatch(card, /ethics\n|judgements\n|language: en|what is right|undefined/);
});

test("the card is the README.md beside the adapter", () => {
  const folder = temporaryFolder();
  writeModelCard(folder, metrics);
  assert.equal(readFileSync(join(folder, "README.md"), "utf8"), modelCard(metrics));
});
