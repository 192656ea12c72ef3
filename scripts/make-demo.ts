/**
 * Makes data/demo/: an ethics-like dataset, and a small RoBERTa that has learned sentiment.
 * Everything is drawn from fixed seeds. Dataset and tokenizer come out the same everywhere, the weights the same on the same machine.
 */

import { join, resolve } from "node:path";
import { Dataset } from "../lib/data/dataset";
import { tokenizeDataset } from "../lib/data/tokenize";
import { AutoTokenizer, type Tokenizer } from "../lib/data/tokenizer/tokenizer";
import { writeFileAtomic } from "../lib/files/atomic";
import { SequenceClassifier } from "../lib/model/classifier";
import { ProgressCallback } from "../lib/report/progress/progress";
import { Mt19937 } from "../lib/tensor/random";
import { Trainer } from "../lib/train/trainer";
import { learnMerges, tokenizerJson, vocabulary } from "./demo/bpe-trainer";
import { drawSplits, toCsv } from "./demo/dataset";
import { Draw } from "./demo/random";
import { DATA_SEED, drawSentences, MODEL_SEED, type Stage, stages, tokenizerTexts, VOCABULARY } from "./demo/recipe";

const MAX_TOKENS = 128;

const folder = resolve(process.argv[2] ?? join(__dirname, "..", "data", "demo"));
const modelFolder = join(folder, "model");

async function main(): Promise<void> {
  const { splits, texts } = drawSplits(new Draw(new Mt19937(DATA_SEED)));
  for (const [name, rows] of Object.entries(splits)) {
    writeFileAtomic(join(folder, "ethics", "data", "commonsense", `${name}.csv`), toCsv(rows));
  }

  const learned = learnMerges(tokenizerTexts(texts), VOCABULARY);
  writeFileAtomic(join(modelFolder, "tokenizer.json"), tokenizerJson(learned));
  writeJson("tokenizer_config.json", { tokenizer_class: "RobertaTokenizer", model_max_length: MAX_TOKENS });

  const vocabSize = vocabulary(learned).length;
  const tokenizer = await AutoTokenizer.fromPretrained(modelFolder);
  let model = SequenceClassifier.fromConfig(modelConfig(vocabSize, 0), { seed: MODEL_SEED });
  for (const stage of stages) {
    await pretrain(model, stage, texts, tokenizer);
    model.savePretrained(modelFolder, { half: true });
    model.dispose();
    // Each stage starts from the file of the one before.
    model = await SequenceClassifier.fromPretrained(modelFolder);
    for (const parameter of model.parameters.values()) parameter.requiresGrad = true;
  }
  // Pre-training is fast without dropout; fine-tuning has RoBERTa's.
  writeJson("config.json", { ...modelConfig(vocabSize, 0.1), dtype: "float16" });
}

function writeJson(name: string, content: object): void {
  writeFileAtomic(join(modelFolder, name), `${JSON.stringify(content, null, 2)}\n`);
}

/** The content of config.json. */
function modelConfig(vocabSize: number, dropout: number): Record<string, unknown> {
  return {
    architectures: ["RobertaForSequenceClassification"],
    model_type: "roberta",
    vocab_size: vocabSize,
    hidden_size: 256,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 512,
    max_position_embeddings: MAX_TOKENS + 2,
    type_vocab_size: 1,
    layer_norm_eps: 1e-5,
    hidden_act: "gelu",
    hidden_dropout_prob: dropout,
    attention_probs_dropout_prob: dropout,
    classifier_dropout: null,
    initializer_range: 0.02,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
    id2label: { 0: "NEGATIVE", 1: "POSITIVE" },
    label2id: { NEGATIVE: 0, POSITIVE: 1 },
  };
}

/** Trains every weight of the model on a stage's sentences. */
async function pretrain(
  model: SequenceClassifier,
  stage: Stage,
  texts: ReadonlySet<string>,
  tokenizer: Tokenizer,
): Promise<void> {
  const rows = Dataset.fromRows(drawSentences(stage, texts).map(({ text, label }) => ({ input: text, label })));
  const trainer = new Trainer({
    model,
    args: {
      outputDir: "runs/make-demo",
      perDeviceTrainBatchSize: 32,
      numTrainEpochs: stage.epochs,
      learningRate: stage.learningRate,
      loggingSteps: 250,
      saveStrategy: "no",
    },
    trainDataset: tokenizeDataset(rows, tokenizer),
    tokenizer,
    callbacks: [new ProgressCallback()],
  });
  await trainer.train();
}

void main();
