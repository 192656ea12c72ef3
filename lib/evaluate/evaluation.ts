/** Predictions of rows, their loss and their metrics. */

import type { Label } from "../data/labels";
import type { TokenizedRow } from "../data/rows";
import type { Classifier } from "../model/classifier";
import { problemTypeOf } from "../model/config";
import type { WorkerGroup } from "../parallel/group";
import { rowLoss } from "./loss";
import type { ComputeMetrics, EvalPrediction } from "./metrics";
import type { Objective } from "./objective";
import { predictLogits } from "./predict";

type Metrics = ReturnType<ComputeMetrics>;

/** Result of an evaluation. */
export interface Evaluation {
  /** Logits. [rows, labels] */
  predictions: Float32Array[];
  /** The right labels. [rows] */
  labels: Label[];
  /** Mean loss over the rows. */
  loss: number;
  /** Result of computeMetrics, empty without one. */
  metrics: Record<string, number>;
}

/**
 * Predicts rows without dropout.
 *
 * @param options.batchSize limits a pass to as many tokens as this many of the longest rows have
 * @param options.onProgress called with the number of rows done
 */
export async function evaluateRows(
  model: Classifier,
  rows: readonly TokenizedRow[],
  options: {
    batchSize: number;
    computeMetrics: ((...given: Parameters<ComputeMetrics>) => Promise<Metrics> | Metrics) | undefined;
    /** Computes the loss in place of the model's own. */
    objective?: Objective | undefined;
    onProgress: (done: number) => Promise<void>;
    /** Stops the evaluation when aborted, as SIGINT does. */
    signal?: AbortSignal;
    /** Workers that share out the rows. */
    group?: WorkerGroup | undefined;
  },
): Promise<Evaluation> {
  const { batchSize, computeMetrics, objective, ...listening } = options;
  const predictions = await predictLogits(model, rows, { rows: batchSize, ...listening });
  const labels = rows.map(({ label }) => label);
  const kind = problemTypeOf(model.config);
  const mean = (): number =>
    predictions.reduce((sum, logits, i) => sum + rowLoss(logits, labels[i] as Label, kind), 0) / rows.length;
  // Labels may be arrays; a metric function expects the kind that its model has.
  const metrics = (await computeMetrics?.({ predictions, labels } as EvalPrediction)) ?? {};
  return { predictions, labels, loss: objective ? objective.ofRows(predictions, rows) : mean(), metrics };
}
