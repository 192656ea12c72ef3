import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic";
import type { Calibration } from "../train/calibration";
import type { LengthAccuracy } from "../train/classification-metrics";
import type { RunMetrics } from "../train/metrics-file";
import { lengthClass } from "./length-class";
import { percent } from "./tables";

/** What a card can tell beside the run's metrics. */
export interface ModelCardDetails {
  /** How confidence and accuracy go together on the evaluation split. */
  calibration?: Calibration;
  /** Accuracy by length on the evaluation split. */
  lengths?: { classes: readonly LengthAccuracy[]; unit: string };
}

const count = (value: number): string => value.toLocaleString("en-US");

/** Whether a name can be an id of the hub: two words, and no folder. */
function isHubId(name: string, demo: boolean): boolean {
  return !demo && /^[\w.-]+\/[\w.-]+$/.test(name) && !existsSync(name);
}

/** The head of the file, which the Hugging Face hub reads. JSON strings are YAML strings. */
function frontMatter(metrics: RunMetrics): string {
  const { model, dataset, config, evalSplit, final, demo } = metrics;
  const quoted = JSON.stringify;
  const onHub = isHubId(dataset, demo);
  return `---
base_model: ${quoted(model)}
library_name: peft
pipeline_tag: text-classification
language: en
tags:
- lora
- text-classification
- ethics
${onHub ? `datasets:\n- ${dataset}\n` : ""}metrics:
- accuracy
model-index:
- name: ${quoted(`LoRA adapter for ${config}`)}
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
    - type: loss
      value: ${final.loss}
---`;
}

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function results(metrics: RunMetrics): string {
  const { evalSplit, evalRows, baseline, final, validation } = metrics;
  const rows = [
    [evalSplit, count(evalRows), percent(baseline.accuracy), percent(final.accuracy), baseline.loss, final.loss].map(
      (cell) => (typeof cell === "number" ? cell.toFixed(4) : cell),
    ),
  ];
  if (validation.before !== null && validation.after !== null) {
    rows.push(["validation", "", percent(validation.before), percent(validation.after), "", ""]);
  }
  const head = ["split", "rows", "accuracy before", "accuracy after", "loss before", "loss after"];
  return table(head, rows);
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

/** What the labels mean, where that is not what the model's names say. */
function labels({ config }: RunMetrics): string {
  return config === "commonsense"
    ? "The labels were exchanged for training, so that a sentiment model's positive label (1) means acceptable and its negative one (0) not acceptable."
    : "Label 1 is the good answer, as in the dataset.";
}

function limits({ demo, evalSplit, trainSplit, seed }: RunMetrics): string {
  const lines = [
    ...(demo
      ? [
          "This was trained with the project's embedded demo, a toy model or toy sentences: it shows that the machinery works, nothing more.",
        ]
      : []),
    `The figures are of one training with seed ${seed}; another seed gives others. The best of several runs was chosen on \`${evalSplit}\` if you compared them there.`,
    `It has learned the judgements of the people who labelled \`${trainSplit}\`: short English texts, mostly told in the first person. Other languages, cultures and kinds of text were not tested.`,
    "It recognises patterns in words. It does not know what is right, and its answers are no reason to do or not to do something.",
  ];
  return lines.map((line) => `- ${line}`).join("\n");
}

/** The text of a model card in Hugging Face's form: what the adapter is, how it was made, how good it is, and its limits. */
export function modelCard(metrics: RunMetrics, more: ModelCardDetails = {}): string {
  const { model, dataset, config, trainSplit, versions } = metrics;
  const settings: [string, string | number][] = [
    ["rank, alpha, dropout", `${metrics.rank}, ${metrics.alpha}, ${metrics.dropout}`],
    ["layers", metrics.targetModules.join(", ") + (metrics.trainHead ? ", and the head" : "")],
    ["trained parameters", `${count(metrics.trainableParameters)} of ${count(metrics.totalParameters)}`],
    ["training rows, epochs, steps", `${count(metrics.trainRows)}, ${metrics.epochs}, ${count(metrics.steps)}`],
    ["batch, learning rate, optimizer", `${metrics.batchSize}, ${metrics.learningRate}, ${metrics.optim}`],
    ["tokens, device", `${count(metrics.tokens)}, ${metrics.device}`],
    ["seed, precision", `${metrics.seed}, ${metrics.dtype}`],
    ["software", `ethics-for-robots ${versions.project}, TensorFlow ${versions.tensorflow}, Node.js ${versions.node}`],
  ];
  return `${frontMatter(metrics)}

# LoRA adapter: ${config} judgements

An adapter for \`${model}\` that judges whether what somebody did is acceptable, trained on the ${config} part of \`${dataset}\`, split \`${trainSplit}\`. ${labels(metrics)}

## Use

\`\`\`python
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained(${JSON.stringify(model)})
model = PeftModel.from_pretrained(model, "path/to/this/folder")
\`\`\`

## Results

${[results(metrics), ...details(more)].join("\n\n")}

## Training

${table(["setting", "value"], settings)}

## Limits

${limits(metrics)}
`;
}

/** Writes the card as README.md beside an adapter, in the place of the short one that saving it made. */
export function writeModelCard(folder: string, metrics: RunMetrics, more: ModelCardDetails = {}): void {
  writeFileAtomic(join(folder, "README.md"), modelCard(metrics, more));
}
