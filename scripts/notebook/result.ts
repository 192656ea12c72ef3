/** What `npm start` says at its end. */
import { ETHICS_PARTS, FIGURE_NAMES, type FigureKey } from "../../lib/ethics/parts";
import { formatFigure, formatNumber, formatSeconds, percent } from "../../lib/report/format";
import { tableText } from "../../lib/report/tables/table";
import type { RunMetrics } from "../../lib/runs/metrics";

const shareText = (share: number | null): string => (share === null ? "" : percent(share));
const lossText = (loss: number | null): string => formatFigure(loss, (value) => value.toFixed(4));

/** The end of a run in a dozen lines: accuracy before and after, what was trained, and how long it took. */
export function resultText(metrics: RunMetrics): string {
  const { baseline, final, validation } = metrics;
  const rows = [
    [`${metrics.evalSplit} (${metrics.evalRows} rows)`, shareText(baseline.accuracy), shareText(final.accuracy)],
  ];
  if (validation.after !== null) rows.push(["validation", shareText(validation.before), shareText(validation.after)]);
  for (const [figure, name] of Object.entries(FIGURE_NAMES) as [FigureKey, string][]) {
    const [before, after] = [baseline[figure], final[figure]];
    if (before === undefined || after === undefined) continue;
    rows.push([`${metrics.evalSplit}, ${name}`, shareText(before), shareText(after)]);
    const change = validation[figure];
    if (change) rows.push([`validation, ${name}`, shareText(change.before), shareText(change.after)]);
  }
  const isEthics = Object.hasOwn(ETHICS_PARTS, metrics.config);
  const share = percent(metrics.trainableParameters / metrics.totalParameters, 2);
  const speed = formatNumber(Math.round(metrics.tokensPerSecond));
  return [
    tableText({ columns: ["accuracy", "before", "after"], rows }),
    "",
    `loss on ${metrics.evalSplit}: ${lossText(baseline.loss)} before, ${lossText(final.loss)} after`,
    `trained ${formatNumber(metrics.trainableParameters)} of ${formatNumber(metrics.totalParameters)} parameters (${share}): rank ${metrics.rank}, alpha ${metrics.alpha}`,
    `${metrics.steps} steps over ${metrics.trainRows} rows in ${formatSeconds(metrics.trainSeconds)} (${speed} tokens/s) on ${metrics.device}`,
    ...(metrics.demo
      ? [`This was the embedded demo${isEthics ? ", not RoBERTa-large on ETHICS" : "'s small model"}.`]
      : []),
  ].join("\n");
}
