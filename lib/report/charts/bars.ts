import { percent } from "../format";
import { COLORS, Figure } from "./figure";

/** The share of right answers before and after training, on one split. */
export interface BeforeAfter {
  /** The split's name. */
  split: string;
  /** Accuracy of the model as it came, 0 to 1. */
  before: number;
  /** Accuracy with the adapter, 0 to 1. */
  after: number;
}

/** Draws accuracy before and after training as bars, split by split, with the line of a coin toss. */
export function beforeAfterBars(splits: BeforeAfter[]): Figure {
  const bar = (name: "before" | "after", label: string, color: string): Record<string, unknown> => ({
    type: "bar",
    name: label,
    x: splits.map((row) => row.split),
    y: splits.map((row) => row[name]),
    text: splits.map((row) => percent(row[name])),
    textposition: "outside",
    cliponaxis: false,
    marker: { color },
  });
  const layout = {
    title: { text: "Accuracy before and after training", x: 0.02, xanchor: "left", font: { size: 14 } },
    barmode: "group",
    bargap: 0.4,
    margin: { l: 70, r: 90, t: 50, b: 90 },
    xaxis: { title: { text: "split" }, linecolor: "#888888", type: "category" },
    yaxis: {
      title: { text: "correct answers (%)" },
      range: [0, 1.08],
      tickvals: [0, 0.25, 0.5, 0.75, 1],
      tickformat: ".0%",
      gridcolor: "#e5e5e5",
      zeroline: false,
    },
    shapes: [
      {
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        y0: 0.5,
        y1: 0.5,
        line: { color: COLORS.grey, dash: "dot", width: 1.5 },
      },
    ],
    annotations: [
      {
        text: "coin toss",
        xref: "paper",
        x: 1.01,
        y: 0.5,
        xanchor: "left",
        yanchor: "middle",
        showarrow: false,
        font: { color: COLORS.grey, size: 11 },
      },
    ],
    legend: { orientation: "h", x: 0, y: -0.24, xanchor: "left", yanchor: "top" },
  };
  return new Figure({
    plotly: {
      data: [bar("before", "before training", COLORS.orange), bar("after", "after training", COLORS.blue)],
      layout,
    },
    text: splits.map((row) => `${row.split}: ${percent(row.before)} before, ${percent(row.after)} after`).join("\n"),
    width: 640,
    height: 380,
  });
}
