/** Shares weights, tokens and the evaluation before training between the trials of a sweep. */
import type { Dataset } from "../data/dataset";
import { AutoTokenizer, type Tokenizer } from "../data/tokenizer/tokenizer";
import { loadDataset } from "../ethics/load-dataset";
import { chooseSources, type Sources } from "../ethics/sources";
import { swapAllLabels } from "../ethics/swap-labels";
import { AutoModelForSequenceClassification } from "../model/auto";
import type { SequenceClassifier } from "../model/classifier";
import { datasetOptionsFor } from "../runs/data";
import { type SplitResult, splitResult } from "../runs/metrics";
import { type RunTask, runTask } from "../runs/task";
import { metricsFor } from "../runs/training";
import { evaluationKey } from "../train/best-metric";
import type { TrainerCallback } from "../train/callbacks";
import { Trainer } from "../train/trainer";
import { sourceVersions, type TrialRecord, trialIdentity, trialRecord } from "./identity";
import type { TrialParameters } from "./parameters";

/** Model and data of a trial. */
export interface TrialMaterial {
  sources: Sources;
  task: RunTask;
  tokenizer: Tokenizer;
  /** Frozen, and without an adapter. */
  model: SequenceClassifier;
  trainRows: Dataset;
  evalRows: Dataset;
  /** What `evaluate` returned before training. */
  baseline: Record<string, number>;
}

/** Loads, tokenizes and evaluates only once what several trials need. */
export class SweepWorkspace {
  readonly #made = new Map<string, unknown>();
  readonly #models: SequenceClassifier[] = [];
  readonly #options: { offline?: boolean; callbacks?: TrainerCallback[] };

  /**
   * @param options.offline never ask the Hugging Face hub
   * @param options.callbacks callbacks of the evaluation before training
   */
  constructor(options: { offline?: boolean; callbacks?: TrainerCallback[] } = {}) {
    this.#options = options;
  }

  /** Where the model and data of these parameters come from. */
  sources({ model, dataset, demo, config }: TrialParameters): Promise<Sources> {
    const { offline = false } = this.#options;
    return this.#once(["sources", model, dataset, demo, config], () =>
      chooseSources({ model, dataset, demo, config, offline }),
    );
  }

  /** The record of a trial with these parameters. */
  async record(parameters: TrialParameters): Promise<TrialRecord> {
    const sources = await this.sources(parameters);
    const versions = await this.#once(["versions", sources.model, sources.dataset], () =>
      sourceVersions(parameters, sources),
    );
    return trialRecord(trialIdentity(parameters, sources), versions);
  }

  /**
   * Model and data for these parameters.
   *
   * @param signal stops the evaluation before training
   * @throws {EvaluationStopped} it was stopped
   */
  async material(parameters: TrialParameters, signal?: AbortSignal): Promise<TrialMaterial> {
    const { trainSplit, trainLimit, evalLimit, seed, dtype, swapLabels } = parameters;
    const sources = await this.sources(parameters);
    const tokenizer = await this.#once(["tokenizer", sources.model], () => AutoTokenizer.fromPretrained(sources.model));
    const read = datasetOptionsFor(parameters);
    const splits = await this.#once(["splits", sources.dataset, read], () => loadDataset(sources.dataset, read));
    const task = runTask(parameters, splits, sources.model);
    const tokens = (split: string): Promise<Dataset> =>
      this.#once(["tokens", sources.model, sources.dataset, read, swapLabels, split], async () => {
        const rows = splits.get(split);
        return task.tokenize(task.swapsLabels ? swapAllLabels(rows) : rows, tokenizer);
      });
    const [allTrain, allEval] = [await tokens(trainSplit), await tokens(task.evalSplit)];
    const trainRows = allTrain.sample(trainLimit || allTrain.numRows, seed);
    const evalRows = task.sample(allEval, evalLimit || allEval.numRows, seed);
    const model = await this.#once(["model", sources.model, task.head, dtype], async () => {
      const loaded = await AutoModelForSequenceClassification.fromPretrained(sources.model, { ...task.head, dtype });
      this.#models.push(loaded);
      return loaded;
    });
    const key = baselineKey(trialIdentity(parameters, sources));
    const baseline = await this.#once(key, () => this.#evaluate({ model, task, evalRows }, parameters, signal));
    return { sources, task, tokenizer, model, trainRows, evalRows, baseline };
  }

  /**
   * Reuses the evaluation before training of a trial that was finished earlier.
   *
   * @param identity see {@link trialIdentity}
   */
  knowBaseline(identity: TrialParameters, result: SplitResult, seconds: number): void {
    const figures = Object.entries({ ...result, runtime: seconds });
    const baseline = Object.fromEntries(figures.map(([name, value]) => [evaluationKey(name), value]));
    this.#made.set(JSON.stringify(baselineKey(identity)), baseline);
  }

  /** The evaluation before training of such a trial, where it is known. */
  knownBaseline(identity: TrialParameters): { result: SplitResult; seconds: number } | undefined {
    const baseline = this.#made.get(JSON.stringify(baselineKey(identity))) as Record<string, number> | undefined;
    return baseline && { result: splitResult(baseline), seconds: baseline.evalRuntime ?? Number.NaN };
  }

  /** Frees the models. */
  dispose(): void {
    for (const model of this.#models.splice(0)) model.dispose();
    this.#made.clear();
  }

  async #evaluate(
    { model, task, evalRows }: Pick<TrialMaterial, "model" | "task" | "evalRows">,
    { batchSize }: TrialParameters,
    signal?: AbortSignal,
  ): Promise<Record<string, number>> {
    const trainer = new Trainer({
      model: task.classifier(model),
      args: { outputDir: ".", perDeviceEvalBatchSize: batchSize },
      evalDataset: evalRows,
      computeMetrics: metricsFor(task),
      callbacks: this.#options.callbacks ?? [],
      signal,
    });
    return trainer.evaluate();
  }

  async #once<T>(key: unknown[], make: () => Promise<T>): Promise<T> {
    const name = JSON.stringify(key);
    if (!this.#made.has(name)) this.#made.set(name, await make());
    return this.#made.get(name) as T;
  }
}

/** What the evaluation before training depends on. */
function baselineKey(identity: TrialParameters): unknown[] {
  const { model, dtype, dataset, evalSplit, evalLimit, seed, swapLabels, newHead } = identity;
  const rows = [datasetOptionsFor(identity), evalSplit, evalLimit, evalLimit === 0 ? 0 : seed, swapLabels];
  return ["baseline", model, dtype, newHead, dataset, ...rows];
}
