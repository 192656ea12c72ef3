import type { LogEntry } from "../../train/callbacks";
import { percent } from "../format";
import { COLORS, Figure } from "./figure";

interface Point {
  step: number;
  value: number;
}

interface Panel {
  title: string;
  unit: string;
  series: { name: string; points: Point[]; color: string; markers?: boolean }[];
  percent?: boolean;
}

function points(log: LogEntry[], key: string): Point[] {
  return log.flatMap((entry) => {
    const value = entry[key];
    return typeof value === "number" && Number.isFinite(value) ? [{ step: entry.step, value }] : [];
  });
}

function sentence(panel: Panel): string[] {
  const shown = (value: number): string => (panel.percent ? percent(value) : value.toPrecision(4));
  return panel.series.flatMap(({ name, points: all }) => {
    const first = all[0];
    const last = all.at(-1);
    if (!first || !last) return [];
    return [`${name}: ${shown(first.value)} at step ${first.step}, ${shown(last.value)} at step ${last.step}`];
  });
}

function axes(panel: Panel, number: number): Record<string, unknown> {
  const suffix = number === 1 ? "" : String(number);
  const [left, right] = number % 2 === 1 ? [0, 0.44] : [0.56, 1];
  const [bottom, top] = number <= 2 ? [0.64, 1] : [0, 0.36];
  const grid = {
    gridcolor: "#e5e5e5",
    zeroline: false,
    linecolor: "#888888",
    ticks: "outside",
    exponentformat: "e",
    tickfont: { size: 11 },
  };
  return {
    [`xaxis${suffix}`]: {
      ...grid,
      rangemode: "tozero",
      title: { text: "training step" },
      domain: [left, right],
      anchor: `y${suffix}`,
    },
    [`yaxis${suffix}`]: {
      ...grid,
      title: { text: panel.unit },
      domain: [bottom, top],
      anchor: `x${suffix}`,
      ...(panel.percent ? { tickformat: ".1~%" } : {}),
    },
  };
}

function heading(panel: Panel, number: number): Record<string, unknown> {
  return {
    text: panel.title,
    x: number % 2 === 1 ? 0 : 0.56,
    y: number <= 2 ? 1.05 : 0.41,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "middle",
    showarrow: false,
    font: { size: 14 },
  };
}

function traces(panel: Panel, number: number): Record<string, unknown>[] {
  const suffix = number === 1 ? "" : String(number);
  return panel.series.map((series) => ({
    type: "scatter",
    mode: series.markers || series.points.length < 3 ? "lines+markers" : "lines",
    name: series.name,
    x: series.points.map((point) => point.step),
    y: series.points.map((point) => point.value),
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    line: { color: series.color, width: 2 },
    marker: { color: series.color, size: 9, symbol: series.markers ? "diamond" : "circle" },
  }));
}

/**
 * Draws what the trainer logged: loss, accuracy, learning rate and gradient norm over the training steps.
 * @param options.baseline the accuracy and loss before training, drawn at step 0
 */
export function trainingCurves(
  log: LogEntry[],
  options: { baseline?: { loss: number; accuracy: number } } = {},
): Figure {
  const { baseline } = options;
  const from = (value: number | undefined): Point[] => (value === undefined ? [] : [{ step: 0, value }]);
  const panels: Panel[] = [
    {
      title: "Loss",
      unit: "loss (nats)",
      series: [
        { name: "training loss", points: points(log, "loss"), color: COLORS.blue },
        {
          name: "evaluation loss",
          points: [...from(baseline?.loss), ...points(log, "evalLoss")],
          color: COLORS.orange,
          markers: true,
        },
      ],
    },
    {
      title: "Accuracy",
      unit: "accuracy (%)",
      percent: true,
      series: [
        {
          name: "evaluation accuracy",
          points: [...from(baseline?.accuracy), ...points(log, "evalAccuracy")],
          color: COLORS.green,
          markers: true,
        },
      ],
    },
    {
      title: "Learning rate",
      unit: "learning rate",
      series: [{ name: "learning rate", points: points(log, "learningRate"), color: COLORS.purple }],
    },
    {
      title: "Gradient norm before clipping",
      unit: "L2 norm",
      series: [{ name: "gradient norm", points: points(log, "gradNorm"), color: COLORS.grey }],
    },
  ];
  const layout = {
    margin: { l: 80, r: 20, t: 60, b: 90 },
    annotations: panels.map((panel, i) => heading(panel, i + 1)),
    legend: { orientation: "h", x: 0, y: -0.16, xanchor: "left", yanchor: "top" },
    ...Object.assign({}, ...panels.map((panel, i) => axes(panel, i + 1))),
  };
  return new Figure({
    plotly: { data: panels.flatMap((panel, i) => traces(panel, i + 1)), layout },
    text: panels.flatMap(sentence).join("\n") || "No training step was logged.",
    height: 560,
  });
}
