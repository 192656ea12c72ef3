/** What the trials of a sweep share: the model's weights, the tokens, and the evaluation before training. */
import { tokenizeDataset } from "../data/batches";
import type { Dataset } from "../data/dataset";
import { ETHICS_PARTS, loadDataset } from "../data/ethics";
import { swapAllLabels } from "../data/labels";
import { AutoTokenizer, type Tokenizer } from "../data/tokenizer";
import { chooseSources, type Sources } from "../files/sources";
import { AutoModelForSequenceClassification } from "../model/auto";
import type { SequenceClassifier } from "../model/classifier";
import type { TrainerCallback } from "./callbacks";
import { accuracy } from "./metrics";
import type { SplitResult } from "./metrics-file";
import { trialIdentity } from "./sweep-identity";
import type { TrialParameters } from "./sweep-parameters";
import { Trainer } from "./trainer";
import type { ComputeMetrics } from "./trainer-types";

/** Accuracy alone: it is what trials are compared by. */
export const computeMetrics: ComputeMetrics = (prediction) => ({ accuracy: accuracy(prediction) });

/** What a trial works on. */
export interface TrialMaterial {
  sources: Sources;
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

  /** What these parameters work on. */
  async material(parameters: TrialParameters): Promise<TrialMaterial> {
    const { config, trainSplit, evalSplit, trainLimit, evalLimit, seed, dtype } = parameters;
    const sources = await this.sources(parameters);
    const tokenizer = await this.once(["tokenizer", sources.model], () => AutoTokenizer.fromPretrained(sources.model));
    const splits = await this.once(["splits", sources.dataset, config], () => loadDataset(sources.dataset, { config }));
    const tokens = (split: string): Promise<Dataset> =>
      this.once(["tokens", sources.model, sources.dataset, config, split], async () => {
        const rows = splits.get(split);
        return tokenizeDataset(ETHICS_PARTS[config].swapsLabels ? swapAllLabels(rows) : rows, tokenizer);
      });
    const [allTrain, allEval] = [await tokens(trainSplit), await tokens(evalSplit)];
    const trainRows = allTrain.sample(trainLimit || allTrain.numRows, seed);
    const evalRows = allEval.sample(evalLimit || allEval.numRows, seed);
    const model = await this.once(["model", sources.model, dtype], async () => {
      const loaded = await AutoModelForSequenceClassification.fromPretrained(sources.model, { dtype });
      this.#models.push(loaded);
      return loaded;
    });
    const key = baselineKey(trialIdentity(parameters, sources));
    const baseline = await this.once(key, () => this.evaluate(model, evalRows, parameters));
    return { sources, tokenizer, model, trainRows, evalRows, baseline };
  }

  /**
   * Takes over the evaluation before training from a trial that was finished earlier.
   *
   * @param identity see {@link trialIdentity}
   */
  knowBaseline(identity: TrialParameters, { loss, accuracy }: SplitResult, seconds: number): void {
    const result = { evalLoss: loss, evalAccuracy: accuracy, evalRuntime: seconds };
    this.#made.set(JSON.stringify(baselineKey(identity)), result);
  }

  /** Frees the models. */
  dispose(): void {
    for (const model of this.#models.splice(0)) model.dispose();
    this.#made.clear();
  }

  private async evaluate(
    model: SequenceClassifier,
    rows: Dataset,
    { batchSize }: TrialParameters,
  ): Promise<Record<string, number>> {
    const trainer = new Trainer({
      model,
      args: { outputDir: ".", perDeviceEvalBatchSize: batchSize },
      evalDataset: rows,
      computeMetrics,
      callbacks: this.options.callbacks ?? [],
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
