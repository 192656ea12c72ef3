import { formatSeconds } from "../../lib/report/progress-view";
import { tableText } from "../../lib/report/tables";
import type { PartFigures, RunMetrics } from "../../lib/train/metrics-file";
import { figureText } from "./figure-text";

const percent = (value: number | null): string => (value === null ? "" : `${(100 * value).toFixed(1)} %`);
const lossText = (loss: number | null): string => figureText(loss, (value) => value.toFixed(4));

/** The parts' own figures, in words. */
const FIGURES: Record<keyof PartFigures, string> = {
  exactMatch: "groups all right",
  pairAccuracy: "pairs ranked right",
};

/** The end of a run in a dozen lines: accuracy before and after, what was trained, and how long it took. */
export function resultText(metrics: RunMetrics): string {
  const { baseline, final, validation } = metrics;
  const rows = [
    [`${metrics.evalSplit} (${metrics.evalRows} rows)`, percent(baseline.accuracy), percent(final.accuracy)],
  ];
  if (validation.after !== null) rows.push(["validation", percent(validation.before), percent(validation.after)]);
  for (const [figure, name] of Object.entries(FIGURES) as [keyof PartFigures, string][]) {
    const [before, after] = [baseline[figure], final[figure]];
    if (before === undefined || after === undefined) continue;
    rows.push([`${metrics.evalSplit}, ${name}`, percent(before), percent(after)]);
    const change = validation[figure];
    if (change) rows.push([`validation, ${name}`, percent(change.before), percent(change.after)]);
  }
  const share = ((100 * metrics.trainableParameters) / metrics.totalParameters).toFixed(2);
  const speed = Math.round(metrics.tokensPerSecond).toLocaleString("en-US");
  return [
    tableText({ columns: ["accuracy", "before", "after"], rows }),
    "",
    `loss on ${metrics.evalSplit}: ${lossText(baseline.loss)} before, ${lossText(final.loss)} after`,
    `trained ${metrics.trainableParameters.toLocaleString("en-US")} of ${metrics.totalParameters.toLocaleString("en-US")} parameters (${share} %): rank ${metrics.rank}, alpha ${metrics.alpha}`,
    `${metrics.steps} steps over ${metrics.trainRows} rows in ${formatSeconds(metrics.trainSeconds)} (${speed} tokens/s) on ${metrics.device}`,
    ...(metrics.demo ? ["This was the embedded demo, not RoBERTa-large on ETHICS."] : []),
  ].join("\n");
}
