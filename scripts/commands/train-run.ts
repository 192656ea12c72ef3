/** Trains a run from its parameters to its model card, in the order of the notebook's cells. */
import { existsSync } from "node:fs";
import type { Dataset } from "../../lib/data/dataset";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { swapAllLabels } from "../../lib/ethics/swap-labels";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel, type PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { EvaluationStopped } from "../../lib/process/interrupt";
import { modelCard, whereItErrs } from "../../lib/report/model-card";
import { ProgressCallback } from "../../lib/report/progress/progress";
import type { RunParameters } from "../../lib/runs/parameters";
import { openRun, type Run, type RunRows } from "../../lib/runs/run";
import { runPaths } from "../../lib/runs/run-folder";
import type { RunTask } from "../../lib/runs/task";
import { metricsFor } from "../../lib/runs/training";
import { Trainer } from "../../lib/train/trainer";
import type { TrainerOptions } from "../../lib/train/trainer-types";
import { shownPath } from "../cli/paths";
import { resultText } from "../notebook/result";

/** @returns whether it came to its end; false when SIGINT stopped it */
export async function trainRun(parameters: RunParameters): Promise<boolean> {
  try {
    const run = await openRun(parameters);
    return await trainAll(run);
  } catch (error) {
    if (error instanceof EvaluationStopped) return false;
    throw error;
  }
}

async function trainAll(run: Run): Promise<boolean> {
  const dataset = await loadDataset(run.dataset, run.datasetOptions);
  const task = run.taskFor(dataset);
  const tokenizer = await AutoTokenizer.fromPretrained(run.model);
  const tokens = (split: Dataset): Dataset => task.tokenize(task.swapsLabels ? swapAllLabels(split) : split, tokenizer);
  const base = await AutoModelForSequenceClassification.fromPretrained(run.model, run.modelOptions);
  const model = getPeftModel(base, new LoraConfig(run.loraOptions), { seed: run.seed });
  model.printTrainableParameters();
  const rows = await run.chooseRows(dataset.map(tokens), base);

  const trainer = new Trainer(trainerOptions(run, { task, rows, model }));
  const [baseline, before] = await model.disableAdapter(async () => {
    const evaluated = await trainer.evaluate();
    return [evaluated, rows.validation && (await trainer.predict(rows.validation))] as const;
  });
  const fresh = new Trainer(trainerOptions(run, { task, rows, model }));
  const trained = await fresh.train({ resumeFromCheckpoint: run.resume });
  if (trained.stopped) return false;
  console.log(run.summary(trained));

  const validation = { before, after: rows.validation && (await fresh.predict(rows.validation)) };
  const answers = await fresh.predict(rows.eval);
  const metrics = await run.finish({ trainer: fresh, model, trained, baseline, validation, rows });
  const errs = whereItErrs(answers, task.readable(rows.eval));
  const { adapter, metrics: file, checkpoints, log } = runPaths(run.out);
  model.savePretrained(adapter, { modelCard: modelCard(metrics, { ...errs, labelNames: task.labelNames }) });
  console.log(`\n${resultText(metrics)}\n`);
  for (const path of [file, adapter, checkpoints, log].filter(existsSync)) console.log(`  ${shownPath(path)}`);
  return true;
}

function trainerOptions(
  run: Run,
  { task, rows, model }: { task: RunTask; rows: RunRows; model: PeftModel },
): TrainerOptions {
  return {
    ...{ model: task.classifier(model), args: run.trainingArguments, computeMetrics: metricsFor(task) },
    ...{ trainDataset: rows.train, evalDataset: rows.eval },
    callbacks: [new ProgressCallback(), ...run.callbacks],
  };
}
