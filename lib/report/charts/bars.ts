/** Bars of accuracy before and after training. */
import { checkOptions } from "../../process/options";
import type { RunMetrics } from "../../runs/metrics";
import { percent } from "../format";
import { AXIS, COLORS, chartTitle, Figure } from "./figure";

/** Accuracy before and after training, on one split. */
export interface BeforeAfter {
  split: string;
  /** Without the adapter, 0 to 1. */
  before: number;
  /** With the adapter, 0 to 1. */
  after: number;
}

/** The accuracies of a run, split by split. */
function accuraciesOf({ evalSplit, baseline, final, validation }: RunMetrics): BeforeAfter[] {
  const evaluated = { split: evalSplit, before: baseline.accuracy, after: final.accuracy };
  const { before, after } = validation;
  return before === null || after === null ? [evaluated] : [evaluated, { split: "validation", before, after }];
}

/**
 * Draws accuracy before and after training as bars, split by split, with a line at chance.
 *
 * @param results the accuracies of each split, or a run's metrics
 * @param options `labels`: number of labels (default 2)
 */
export function beforeAfterBars(
  results: readonly BeforeAfter[] | RunMetrics,
  options: { labels?: number } = {},
): Figure {
  checkOptions("beforeAfterBars", options, { labels: "number" });
  const { labels = 2 } = options;
  const splits = "baseline" in results ? accuraciesOf(results) : results;
  const title = "Accuracy before and after training";
  const bar = (name: "before" | "after", color: string): Record<string, unknown> => ({
    type: "bar",
    name: `${name} training`,
    x: splits.map((row) => row.split),
    y: splits.map((row) => row[name]),
    text: splits.map((row) => percent(row[name])),
    textposition: "outside",
    cliponaxis: false,
    marker: { color },
  });
  const toss = { xref: "paper", x0: 0, x1: 1, y0: 1 / labels, y1: 1 / labels };
  const name = { xref: "paper", x: 1.01, y: 1 / labels, xanchor: "left", yanchor: "middle", showarrow: false };
  const layout = {
    title: chartTitle(title),
    barmode: "group",
    bargap: 0.4,
    margin: { l: 70, r: 90, t: 50, b: 90 },
    xaxis: { title: { text: "split" }, linecolor: AXIS.linecolor, type: "category" },
    yaxis: {
      ...AXIS,
      title: { text: "correct answers (%)" },
      range: [0, 1.08],
      tickvals: [0, 0.25, 0.5, 0.75, 1],
      tickformat: ".0%",
      ticks: "",
    },
    shapes: [{ type: "line", ...toss, line: { color: COLORS.grey, dash: "dot", width: 1.5 } }],
    annotations: [{ text: labels === 2 ? "coin toss" : "chance", ...name, font: { color: COLORS.grey, size: 11 } }],
    legend: { orientation: "h", x: 0, y: -0.24, xanchor: "left", yanchor: "top" },
  };
  const lines = splits.map((row) => `${row.split}: ${percent(row.before)} before, ${percent(row.after)} after`);
  return new Figure({
    plotly: { data: [bar("before", COLORS.orange), bar("after", COLORS.blue)], layout },
    text: [title, ...lines].join("\n"),
    width: 640,
    height: 380,
  });
}
