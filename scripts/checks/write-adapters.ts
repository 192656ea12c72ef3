/**
 * Writes adapters of every kind, each with its base model, the merged model and our logits, for check_adapter.py.
 * Usage: node --import tsx scripts/checks/write-adapters.ts <folder>
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LoraConfig, type LoraOptions } from "../../lib/lora/config";
import { getPeftModel, type PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { type Classifier, SequenceClassifier } from "../../lib/model/classifier";
import { tf } from "../../lib/tensor/tensorflow";

const CASES = resolve(__dirname, "../../test/fixtures/cases");
const DISTILBERT = { model_type: "distilbert", vocab_size: 500, dim: 24, n_layers: 2, n_heads: 4, hidden_dim: 40 };

/** Name: base model and settings. */
const ADAPTERS: Record<string, [base: string, options: LoraOptions]> = {
  "head frozen": ["roberta-seed", {}],
  "head trained": ["roberta-head", { taskType: "SEQ_CLS", r: 4, loraAlpha: 6, useRslora: true }],
  "bert head": ["bert", { taskType: "SEQ_CLS", r: 4 }],
  "xlm-roberta, gaussian": ["xlm-roberta", { r: 4, initLoraWeights: "gaussian" }],
  "dense, head trained": ["roberta-head", { taskType: "SEQ_CLS", r: 2, targetModules: ["dense"] }],
  "dense, head frozen": ["roberta-head", { r: 2, targetModules: ["dense", "out_proj"] }],
  expression: ["roberta-patterns", { r: 2, targetModules: ".*\\.layer\\.(?P<n>[02])\\..*(query|dense)" }],
  "expression, head trained": ["roberta-head", { taskType: "SEQ_CLS", r: 2, targetModules: ".*(query|dense)" }],
  "all-linear, head trained": ["roberta-head", { taskType: "SEQ_CLS", r: 2, targetModules: "all-linear" }],
  "all-linear, bert": ["bert", { r: 2, targetModules: "all-linear" }],
  "patterns that hide each other": [
    "roberta-patterns",
    { r: 2, rankPattern: { query: 4 }, alphaPattern: { "layer.1.attention.self.query": 16, value: 3 } },
  ],
  "two expressions in one pattern": ["roberta-patterns", { r: 2, rankPattern: { "query|self.value": 5 } }],
  layers: [
    "roberta-patterns",
    { r: 2, targetModules: ["key", "classifier.dense"], layersToTransform: [0, 2], layersPattern: "layer" },
  ],
  "bias all": ["roberta-head", { r: 2, bias: "all" }],
  "bias all, head trained": ["bert", { taskType: "SEQ_CLS", r: 2, bias: "all" }],
  "bias lora_only": ["roberta-head", { r: 2, bias: "lora_only", targetModules: ["query", "output.dense"] }],
  "norms and words": ["roberta-head", { r: 2, modulesToSave: ["LayerNorm", "word_embeddings"] }],
  distilbert: ["distilbert", { r: 2 }],
  "distilbert, head trained": ["distilbert", { taskType: "SEQ_CLS", r: 2, targetModules: ["q_lin", "lin1"] }],
};

async function main(folder: string): Promise<void> {
  const distilbert = join(folder, "distilbert");
  SequenceClassifier.fromConfig({ ...DISTILBERT, initializer_range: 0.2 }, { seed: 3 }).savePretrained(distilbert);
  for (const [name, [base, options]] of Object.entries(ADAPTERS)) {
    const baseFolder = base === "distilbert" ? distilbert : join(CASES, base, "model");
    const model = getPeftModel(
      await AutoModelForSequenceClassification.fromPretrained(baseFolder),
      new LoraConfig(options),
    );
    move(model);
    const place = join(folder, name.replaceAll(/\W+/g, "-"));
    mkdirSync(place, { recursive: true });
    model.savePretrained(join(place, "adapter"));
    const batches = readBatches(base === "distilbert" ? "bert" : base);
    const answers = { name, base: baseFolder, batches, logits: await logitsOf(model, batches) };
    writeFileSync(join(place, "answers.json"), JSON.stringify(answers));
    model.mergeAndUnload().savePretrained(join(place, "merged"));
  }
}

interface Batch {
  input_ids: number[][];
  attention_mask: number[][];
}

function readBatches(base: string): Batch[] {
  const { batches } = JSON.parse(readFileSync(join(CASES, base, "forward.json"), "utf8")) as { batches: Batch[] };
  return batches.slice(0, 3);
}

async function logitsOf(model: Classifier, batches: Batch[]): Promise<number[][][]> {
  const all: number[][][] = [];
  for (const { input_ids, attention_mask } of batches) {
    const logits = model.forward({ inputIds: input_ids, attentionMask: attention_mask });
    all.push(await logits.array());
    logits.dispose();
  }
  return all;
}

/** Gives every trained weight another value, as training would. */
function move(model: PeftModel): void {
  for (const [i, { value }] of model.trainableParameters().entries()) {
    const change = (): tf.Tensor => tf.mul(tf.sin(tf.add(tf.range(0, value.size), i)), 0.15).reshape(value.shape);
    tf.tidy(() => value.assign(tf.add(value, change())));
  }
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a folder to write to, got none.");
void main(resolve(folder));
