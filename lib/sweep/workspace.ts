/** What the trials of a sweep share: the model's weights, the tokens, and the evaluation before training. */
import type { Dataset } from "../data/dataset";
import { AutoTokenizer, type Tokenizer } from "../data/tokenizer/tokenizer";
import { loadEthics } from "../ethics/dataset";
import { chooseSources, type Sources } from "../ethics/sources";
import { swapAllLabels } from "../ethics/swap-labels";
import { type EthicsTask, ethicsTask } from "../ethics/task";
import { AutoModelForSequenceClassification } from "../model/auto";
import type { SequenceClassifier } from "../model/classifier";
import type { SplitResult } from "../runs/metrics";
import { metricsFor } from "../runs/training";
import { evaluationKey } from "../train/best-metric";
import type { TrainerCallback } from "../train/callbacks";
import { Trainer } from "../train/trainer";
import { trialIdentity } from "./identity";
import type { TrialParameters } from "./parameters";

/** What a trial works on. */
export interface TrialMaterial {
  sources: Sources;
  /** What the part of ETHICS asks for. */
  task: EthicsTask;
  tokenizer: Tokenizer;
  /** Frozen, and without an adapter. */
  model: SequenceClassifier;
  trainRows: Dataset;
  evalRows: Dataset;
  /** What `evaluate` returned for the model as it came. */
  baseline: Record<string, number>;
}

/** Loads, tokenizes and evaluates once what several trials need. */
export class SweepWorkspace {
  readonly #made = new Map<string, unknown>();
  readonly #models: SequenceClassifier[] = [];

  /**
   * @param options.offline never ask the Hugging Face hub
   * @param options.callbacks who listens to the evaluation before training
   */
  constructor(private readonly options: { offline?: boolean; callbacks?: TrainerCallback[] } = {}) {}

  /** Where the model and data of these parameters come from. */
  sources({ model, dataset, demo, config }: TrialParameters): Promise<Sources> {
    const { offline = false } = this.options;
    return this.once(["sources", model, dataset, demo, config], () =>
      chooseSources({ model, dataset, demo, config, offline }),
    );
  }

  /**
   * What these parameters work on.
   *
   * @param signal stops the evaluation before training
   * @throws {EvaluationStopped} it was stopped
   */
  async material(parameters: TrialParameters, signal?: AbortSignal): Promise<TrialMaterial> {
    const { config, trainSplit, evalSplit, trainLimit, evalLimit, seed, dtype } = parameters;
    const sources = await this.sources(parameters);
    const task = ethicsTask(config, evalSplit);
    const tokenizer = await this.once(["tokenizer", sources.model], () => AutoTokenizer.fromPretrained(sources.model));
    const splits = await this.once(["splits", sources.dataset, config], () => loadEthics(sources.dataset, { config }));
    const tokens = (split: string): Promise<Dataset> =>
      this.once(["tokens", sources.model, sources.dataset, config, split], async () => {
        const rows = splits.get(split);
        return task.tokenize(task.swapsLabels ? swapAllLabels(rows) : rows, tokenizer);
      });
    const [allTrain, allEval] = [await tokens(trainSplit), await tokens(evalSplit)];
    const trainRows = allTrain.sample(trainLimit || allTrain.numRows, seed);
    const evalRows = task.sample(allEval, evalLimit || allEval.numRows, seed);
    const { numLabels } = task;
    const model = await this.once(["model", sources.model, numLabels, dtype], async () => {
      const loaded = await AutoModelForSequenceClassification.fromPretrained(sources.model, { numLabels, dtype });
      this.#models.push(loaded);
      return loaded;
    });
    const key = baselineKey(trialIdentity(parameters, sources));
    const baseline = await this.once(key, () => this.evaluate({ model, task, evalRows }, parameters, signal));
    return { sources, task, tokenizer, model, trainRows, evalRows, baseline };
  }

  /**
   * Takes over the evaluation before training from a trial that was finished earlier.
   *
   * @param identity see {@link trialIdentity}
   */
  knowBaseline(identity: TrialParameters, result: SplitResult, seconds: number): void {
    const figures = Object.entries({ ...result, runtime: seconds }).map(([name, value]) => [
      evaluationKey(name),
      value,
    ]);
    this.#made.set(JSON.stringify(baselineKey(identity)), Object.fromEntries(figures));
  }

  /** Frees the models. */
  dispose(): void {
    for (const model of this.#models.splice(0)) model.dispose();
    this.#made.clear();
  }

  private async evaluate(
    { model, task, evalRows }: Pick<TrialMaterial, "model" | "task" | "evalRows">,
    { batchSize }: TrialParameters,
    signal?: AbortSignal,
  ): Promise<Record<string, number>> {
    const trainer = new Trainer({
      model: task.classifier(model),
      args: { outputDir: ".", perDeviceEvalBatchSize: batchSize },
      evalDataset: evalRows,
      computeMetrics: metricsFor(task),
      callbacks: this.options.callbacks ?? [],
      signal,
    });
    return trainer.evaluate();
  }

  private async once<T>(key: unknown[], make: () => Promise<T>): Promise<T> {
    const name = JSON.stringify(key);
    if (!this.#made.has(name)) this.#made.set(name, await make());
    return this.#made.get(name) as T;
  }
}

/** What the evaluation before training depends on. */
function baselineKey(identity: TrialParameters): unknown[] {
  const { model, dtype, dataset, config, evalSplit, evalLimit, seed } = identity;
  return ["baseline", model, dtype, dataset, config, evalSplit, evalLimit, evalLimit === 0 ? 0 : seed];
}
