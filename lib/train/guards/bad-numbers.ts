/** Counts steps whose loss or gradients are not finite, ends a run with too many in a row, and warns of a growing loss. */
import type { Dataset } from "../../data/dataset";
import type { LogEntry, TrainerState } from "../callbacks";

/** A step that was not applied, since its loss or its gradients were not finite. */
export interface BadStep {
  loss: number;
  gradNorm: number;
  /** The rows that it read, and where their texts are. */
  rows: Iterable<number>;
  dataset: Dataset | undefined;
  /** The newest checkpoint of the run. */
  checkpoint: string | undefined;
}

/** Characters of a row's text in a message. */
const SHOWN = 120;

/**
 * Counts and reports a step that was not applied.
 *
 * @throws {RangeError} it is one too many in a row
 */
export function noteBadStep(state: TrainerState, step: BadStep, maxBadSteps: number): void {
  state.badSteps = (state.badSteps ?? 0) + 1;
  state.badStepsInARow = (state.badStepsInARow ?? 0) + 1;
  const found = `loss ${step.loss}, gradient norm ${step.gradNorm}`;
  console.warn(`step ${state.globalStep}: ${found}: not applied (${state.badStepsInARow} in a row).`);
  if (state.badStepsInARow < maxBadSteps) return;
  const rows = Array.from(step.rows, (row) => `\n  row ${row}: ${textOf(step.dataset, row)}`);
  const kept =
    step.checkpoint === undefined
      ? "There is no checkpoint yet."
      : `The last good checkpoint is ${step.checkpoint}; resumeFromCheckpoint goes on from it.`;
  throw new RangeError(
    `step ${state.globalStep}: expected a loss and gradients that are finite, got ${found}, in ${state.badStepsInARow} steps in a row. ` +
      `${kept} Try a lower learningRate or maxGradNorm, and look at the rows of this step:${rows.join("")}`,
  );
}

function textOf(dataset: Dataset | undefined, row: number): string {
  const texts = Object.values(dataset?.get(row) ?? {}).filter((value) => typeof value === "string");
  const text = JSON.stringify(texts.join(" | "));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** A loss of more than this many times the first logged one is warned of, once. */
const GROWTH = 10;

/** Warns when the loss of the last log entry is the first to be far above that of the first entry. */
export function warnOfGrowth(history: readonly LogEntry[]): void {
  const losses = history.flatMap(({ loss, step }) => (loss === undefined ? [] : [{ loss, step }]));
  const [first, last] = [losses[0], losses.at(-1)];
  if (first === undefined || last === undefined) return;
  const grown = losses.filter(({ loss }) => loss > GROWTH * first.loss);
  if (grown.length !== 1 || grown[0] !== last) return;
  console.warn(
    `step ${last.step}: the loss is ${last.loss.toPrecision(3)}, ${GROWTH} times and more what it was at step ${first.step} (${first.loss.toPrecision(3)}). Try a lower learningRate.`,
  );
}
