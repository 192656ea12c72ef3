/** Evaluates a model on the data of a run, or on other data. */
import type { DatasetDict } from "../../lib/data/dataset";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { chooseSources } from "../../lib/ethics/sources";
import { swapAllLabels } from "../../lib/ethics/swap-labels";
import { printDownloads } from "../../lib/hub/progress";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { datasetOptionsFor } from "../../lib/runs/data";
import { readRunMetrics, splitResult } from "../../lib/runs/metrics";
import { RUN_DEFAULTS, type RunParameters, readRunParameters } from "../../lib/runs/parameters";
import { runPaths } from "../../lib/runs/run-folder";
import { runTask } from "../../lib/runs/task";
import { metricsFor } from "../../lib/runs/training";
import type { TrainerCallback } from "../../lib/train/callbacks";
import { Trainer } from "../../lib/train/trainer";
import type { NamedModel } from "./model-options";

/** What is said of a model on a split. */
export type Figures = Record<string, string | number>;

/** Counts rows on standard error, where somebody is looking. */
const counter: TrainerCallback = {
  onPredictionStep({ prediction }) {
    if (prediction && process.stderr.isTTY) process.stderr.write(`\r${prediction.done} of ${prediction.total} rows `);
  },
};

/** @param data parameters that choose other data than the run's, or other rows of it */
export async function evaluateModel(named: NamedModel, data: Partial<RunParameters>): Promise<Figures> {
  const parameters = parametersOf(named, data);
  const { demo, offline, config } = parameters;
  const chosen = { model: parameters.model, dataset: parameters.dataset, config, demo, offline };
  const sources = await chooseSources({ ...chosen, onProgress: printDownloads() });
  console.log(sources.banner);
  const dataset = await loadDataset(sources.dataset, datasetOptionsFor(parameters));
  const evalSplit = splitOf(dataset, data.evalSplit ?? parameters.evalSplit);
  const task = runTask({ ...parameters, trainSplit: evalSplit, evalSplit }, dataset, sources.model);
  const tokenizer = await AutoTokenizer.fromPretrained(sources.model);
  const { dtype, batchSize, evalLimit, seed } = parameters;
  const base = await AutoModelForSequenceClassification.fromPretrained(sources.model, { ...task.head, dtype });
  const adapter = named.run === undefined ? named.adapter : runPaths(named.run).adapter;
  const model = adapter === undefined ? base : await PeftModel.fromPretrained(base, adapter);
  const split = dataset.get(evalSplit);
  const all = task.tokenize(task.swapsLabels ? swapAllLabels(split) : split, tokenizer);
  const rows = task.sample(all, evalLimit || all.numRows, seed);
  const trainer = new Trainer({
    ...{ model: task.classifier(model), args: { outputDir: ".", perDeviceEvalBatchSize: batchSize } },
    ...{ evalDataset: rows, computeMetrics: metricsFor(task), callbacks: [counter] },
  });
  return { split: evalSplit, rows: rows.numRows, ...splitResult(await trainer.evaluate()) };
}

/** A run's own parameters, with the rows that it was evaluated on unless other data is named. */
function parametersOf({ run, model = "", dtype, offline }: NamedModel, data: Partial<RunParameters>): RunParameters {
  if (run === undefined) return { ...RUN_DEFAULTS, model, dtype: dtype ?? "float32", ...data, offline };
  const { evalRows, evalSplit } = readRunMetrics(run);
  const started = readRunParameters(run);
  const isOther = data.dataset !== undefined || data.evalSplit !== undefined;
  const rows = { evalLimit: isOther ? 0 : evalRows, evalSplit };
  return { ...started, dtype: dtype ?? started.dtype, ...rows, ...data, offline: offline || started.offline };
}

/** The wanted split; of data without a test split the one that comes nearest. */
function splitOf(dataset: DatasetDict, wanted: string): string {
  const isDefault = wanted === RUN_DEFAULTS.evalSplit;
  const found = [wanted, ...(isDefault ? ["validation", "train"] : [])].find((name) => dataset.names.includes(name));
  return found ?? wanted;
}
