/** The model card of a run's adapter, in the form that the Hugging Face hub reads. */

import { existsSync } from "node:fs";
import { basename } from "node:path";
import { ETHICS_PARTS, type EthicsConfig, type EthicsFigure, type EthicsPart, FIGURE_NAMES } from "../ethics/parts";
import { type Calibration, calibration } from "../evaluate/calibration";
import { accuracyByLength, type LengthAccuracy } from "../evaluate/classification-metrics";
import { toEvalPrediction } from "../evaluate/judgements";
import type { PredictionOutput } from "../evaluate/metrics";
import { writeCard } from "../lora/adapter";
import { checkOptions, type OptionKinds } from "../process/options";
import type { RunMetrics } from "../runs/metrics";
import { formatNumber, lengthClass, percent } from "./format";

/** Optional findings on a card. */
export interface ModelCardDetails {
  /** Calibration on the evaluation split. */
  calibration?: Calibration;
  /** Accuracy by length on the evaluation split. */
  lengths?: { classes: readonly LengthAccuracy[]; unit: string };
  /** Names of the labels, label 0 first; required for data other than ETHICS. */
  labelNames?: readonly string[];
}

const CARD_DETAILS: OptionKinds<ModelCardDetails> = { calibration: "object", lengths: "object", labelNames: "list" };

/** Longest short text, in characters. */
const LONG_TEXT = 100;

/**
 * Errors of a model, for its card: its calibration, and its accuracy by length.
 *
 * @param answers its predictions of the evaluation rows
 * @param texts of the same rows
 */
export function whereItErrs(answers: PredictionOutput, texts: readonly string[]): ModelCardDetails {
  const judged = toEvalPrediction(answers);
  const lengths = texts.map((text) => text.length);
  return {
    calibration: calibration(judged),
    lengths: { classes: accuracyByLength(judged, lengths, [LONG_TEXT]), unit: "characters" },
  };
}

/** The part of ETHICS; undefined for other data. */
function partOf({ config }: RunMetrics): EthicsPart | undefined {
  return Object.hasOwn(ETHICS_PARTS, config) ? ETHICS_PARTS[config as EthicsConfig] : undefined;
}

/** Subject of the adapter: a part of ETHICS, or the name of other data. */
function subjectOf(metrics: RunMetrics): string {
  return partOf(metrics) ? metrics.config : basename(metrics.dataset);
}

/** The part's own metric, if the run has it. */
function ownFigure(metrics: RunMetrics): EthicsFigure | undefined {
  const figure = partOf(metrics)?.figure;
  return figure && metrics.final[figure.key] !== undefined ? figure : undefined;
}

/** Whether a name is a hub id rather than a folder. */
function isHubId(name: string, demo: boolean): boolean {
  return !demo && /^[\w.-]+\/[\w.-]+$/.test(name) && !existsSync(name);
}

/** The YAML front matter; a JSON string is valid YAML. */
function frontMatter(metrics: RunMetrics): string {
  const { model, dataset, config, evalSplit, final, demo } = metrics;
  const quoted = JSON.stringify;
  const onHub = isHubId(dataset, demo);
  const own = ownFigure(metrics);
  const isEthics = partOf(metrics) !== undefined;
  return `---
base_model: ${quoted(model)}
library_name: peft
pipeline_tag: text-classification
${isEthics ? "language: en\n" : ""}tags:
- lora
- text-classification
${isEthics ? "- ethics\n" : ""}${onHub ? `datasets:\n- ${dataset}\n` : ""}metrics:
- accuracy
${own ? `- ${own.type}\n` : ""}model-index:
- name: ${quoted(`LoRA adapter for ${subjectOf(metrics)}`)}
  results:
  - task:
      type: text-classification
    dataset:
      name: ${quoted(`${dataset} (${config})`)}
      type: ${quoted(onHub ? dataset : "local")}
      config: ${quoted(config)}
      split: ${quoted(evalSplit)}
    metrics:
    - type: accuracy
      value: ${final.accuracy}
${own ? `    - type: ${own.type}\n      name: ${FIGURE_NAMES[own.key]}\n      value: ${final[own.key]}\n` : ""}    - type: loss
      value: ${final.loss}
---`;
}

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function results(metrics: RunMetrics): string {
  const { evalSplit, evalRows, baseline, final, validation } = metrics;
  const own = ownFigure(metrics);
  const shown = (share: number | null | undefined): string => (share == null ? "" : percent(share));
  const tested = [baseline.accuracy, final.accuracy, ...(own ? [baseline[own.key], final[own.key]] : [])];
  const rows = [
    [evalSplit, formatNumber(evalRows), ...tested.map(shown), baseline.loss.toFixed(4), final.loss.toFixed(4)],
  ];
  if (validation.before !== null && validation.after !== null) {
    const change = own && validation[own.key];
    const validated = [validation.before, validation.after, ...(own ? [change?.before, change?.after] : [])];
    rows.push(["validation", "", ...validated.map(shown), "", ""]);
  }
  const names = ["accuracy", ...(own ? [FIGURE_NAMES[own.key]] : []), "loss"];
  return table(["split", "rows", ...names.flatMap((name) => [`${name} before`, `${name} after`])], rows);
}

function details({ calibration, lengths }: ModelCardDetails): string[] {
  const parts: string[] = [];
  if (lengths) {
    const rows = lengths.classes
      .filter(({ rows }) => rows > 0)
      .map((found) => [lengthClass(found), found.rows, percent(found.accuracy)]);
    parts.push(`By length:\n\n${table([lengths.unit, "rows", "accuracy"], rows)}`);
  }
  if (calibration) {
    const { expectedCalibrationError: error, overconfidence } = calibration;
    const verdict = overconfidence > 0 ? "more" : "less";
    parts.push(
      `Its probabilities: expected calibration error ${percent(error)}; on average it is ${percent(Math.abs(overconfidence))} ${verdict} sure than right.`,
    );
  }
  return parts;
}

/** Python code that loads the adapter with the right number of outputs and, for other data, their names both ways. */
function use(metrics: RunMetrics, labelNames: readonly string[]): string {
  const part = partOf(metrics);
  const names = labelNames.map((name) => JSON.stringify(name));
  const byId = names.map((name, label) => `${label}: ${name}`).join(", ");
  const byName = names.map((name, label) => `${name}: ${label}`).join(", ");
  const outputs = part ? `num_labels=${part.numLabels ?? 2}` : `id2label={${byId}}, label2id={${byName}}`;
  const isOwn = part?.numLabels === undefined && !metrics.trainHead;
  const head = isOwn ? "" : `, ${outputs}, ignore_mismatched_sizes=True`;
  return `from peft import PeftModel
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained(${JSON.stringify(metrics.model)}${head})
model = PeftModel.from_pretrained(model, "path/to/this/folder")`;
}

function limits(metrics: RunMetrics): string {
  const { demo, evalSplit, trainSplit, seed } = metrics;
  const isEthics = partOf(metrics) !== undefined;
  const lines = [
    ...(demo
      ? [
          "This was trained with the project's embedded demo, a toy model or toy sentences: it shows that the machinery works, nothing more.",
        ]
      : []),
    `The figures are of one training with seed ${seed}; another seed gives others. The best of several runs was chosen on \`${evalSplit}\` if you compared them there.`,
    `It has learned the judgements of the people who labelled \`${trainSplit}\`${isEthics ? ": short English texts" : ""}. Other languages, cultures and kinds of text were not tested.`,
    `It recognises patterns in words.${isEthics ? " It does not know what is right, and its answers are no reason to do or not to do something." : ""}`,
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}

/** A model card in Hugging Face's form: purpose, training, results and limits of the adapter. */
export function modelCard(metrics: RunMetrics, more: ModelCardDetails = {}): string {
  checkOptions("modelCard", more, CARD_DETAILS);
  const { model, dataset, config, trainSplit, versions } = metrics;
  const { labelNames = [] } = more;
  const { task, answer } = partOf(metrics)?.card ?? {
    task: `gives texts one of ${labelNames.length} labels`,
    answer: `The labels: ${labelNames.map((name, label) => `${label} ${name}`).join(", ")}.`,
  };
  const isWhole = config === "default";
  const settings: [string, string | number][] = [
    ["rank, alpha, dropout", `${metrics.rank}, ${metrics.alpha}, ${metrics.dropout}`],
    ["layers", metrics.targetModules.join(", ") + (metrics.trainHead ? ", and the head" : "")],
    ["trained parameters", `${formatNumber(metrics.trainableParameters)} of ${formatNumber(metrics.totalParameters)}`],
    [
      "training rows, epochs, steps",
      `${formatNumber(metrics.trainRows)}, ${metrics.epochs}, ${formatNumber(metrics.steps)}`,
    ],
    ["batch, learning rate, optimizer", `${metrics.batchSize}, ${metrics.learningRate}, ${metrics.optim}`],
    ["tokens, device", `${formatNumber(metrics.tokens)}, ${metrics.device}`],
    ["seed, precision", `${metrics.seed}, ${metrics.dtype}`],
    ["software", `ethics-for-robots ${versions.project}, TensorFlow ${versions.tensorflow}, Node.js ${versions.node}`],
  ];
  return `${frontMatter(metrics)}

# LoRA adapter: ${subjectOf(metrics)}${partOf(metrics) ? " judgements" : ""}

An adapter for \`${model}\` that ${task}, trained on ${isWhole ? "" : `the ${config} part of `}\`${dataset}\`, split \`${trainSplit}\`. ${answer}

## Use

\`\`\`python
${use(metrics, labelNames)}
\`\`\`

## Results

${[results(metrics), ownFigure(metrics)?.meaning ?? [], details(more)].flat().join("\n\n")}

## Training

${table(["setting", "value"], settings)}

## Limits

${limits(metrics)}
`;
}

/** Writes the card beside an adapter, replacing the minimal one of `savePretrained`. */
export function writeModelCard(folder: string, metrics: RunMetrics, more: ModelCardDetails = {}): void {
  writeCard(folder, modelCard(metrics, more));
}
