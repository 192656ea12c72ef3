/**
 * Trains the demo for some steps without dropout and writes what Python needs to do the same, with our losses.
 *   node --import tsx scripts/checks/training-losses.ts FOLDER [STEPS [LEARNING-RATE]]      then: python scripts/checks/training_losses.py FOLDER
 */
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  getPeftModel,
  LoraConfig,
  loadDataset,
  swapLabels,
  Trainer,
  tokenizeDataset,
} from "../../lib";
import { writeFileAtomic } from "../../lib/files/atomic";

async function main(folder: string, steps: number, learningRate: number): Promise<void> {
  const demo = join(__dirname, "../../data/demo");
  const base = join(folder, "model");
  mkdirSync(folder, { recursive: true });
  cpSync(join(demo, "model"), base, { recursive: true });
  const config = JSON.parse(readFileSync(join(base, "config.json"), "utf8")) as object;
  const without = { ...config, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
  writeFileAtomic(join(base, "config.json"), JSON.stringify(without));

  const tokenizer = await AutoTokenizer.fromPretrained(base);
  const train = tokenizeDataset((await loadDataset(join(demo, "ethics"))).train.map(swapLabels), tokenizer);
  const model = getPeftModel(await AutoModelForSequenceClassification.fromPretrained(base), new LoraConfig());
  model.savePretrained(join(folder, "adapter"));
  const args = { perDeviceTrainBatchSize: 4, maxSteps: steps, learningRate, seed: 42 };
  const trainer = new Trainer({
    model,
    args: { ...args, outputDir: join(folder, "ours"), optim: "adamw", loggingSteps: 1, saveStrategy: "no" },
    trainDataset: train,
  });
  await trainer.train();
  const losses = trainer.state.logHistory.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
  const rows = train.rows().map(({ inputIds, label }) => ({ input_ids: inputIds, label }));
  writeFileAtomic(join(folder, "run.json"), JSON.stringify({ args, losses, rows }));
}

const [folder, steps = "300", learningRate = "5e-5"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a folder, got none.");
void main(folder, Number(steps), Number(learningRate));
