import type { LogEntry } from "../../train/callbacks";
import { percent } from "../format";
import { Figure } from "./figure";
import { Smoothed } from "./smoothed";

/** What is drawn of a run. */
export interface LoggedRun {
  name: string;
  metrics: { final: { accuracy: number }; baseline?: { accuracy: number } };
  log: readonly LogEntry[];
}

/** Colours that stay apart for colour-blind eyes (Okabe and Ito, then darker ones), the best run's first. */
const PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6a3d9a", "#7f5539", "#555555"];
const DASHES = ["solid", "dash", "dot"];

const PANELS = [
  { key: "loss", title: "Training loss, smoothed", unit: "loss (nats)", domain: [0, 0.45] },
  { key: "evalAccuracy", title: "Accuracy", unit: "accuracy (%)", domain: [0.58, 1] },
] as const;

interface Point {
  step: number;
  value: number;
}

/** The losses of single batches jump too much for several runs in one figure. */
function losses({ log }: LoggedRun): Point[] {
  const smoothed = new Smoothed();
  return log.flatMap(({ step, loss }) =>
    loss !== undefined && Number.isFinite(loss) ? [{ step, value: smoothed.add(loss) }] : [],
  );
}

/** The accuracies, from the model as it came on. */
function accuracies({ log, metrics }: LoggedRun): Point[] {
  const logged = log.flatMap(({ step, evalAccuracy }) =>
    evalAccuracy !== undefined && Number.isFinite(evalAccuracy) ? [{ step, value: evalAccuracy }] : [],
  );
  const known = metrics.baseline === undefined || logged.some(({ step }) => step === 0);
  return known ? logged : [{ step: 0, value: metrics.baseline?.accuracy ?? Number.NaN }, ...logged];
}

/** Draws training loss and evaluation accuracy of several runs over their steps; the legend is in their order. */
export function overlaidCurves(runs: readonly LoggedRun[]): Figure {
  const data = runs.flatMap((run, i) =>
    PANELS.map(({ key }, panel) => {
      const points = key === "loss" ? losses(run) : accuracies(run);
      const color = PALETTE[i % PALETTE.length];
      return {
        type: "scatter",
        mode: points.length < 3 || key === "evalAccuracy" ? "lines+markers" : "lines",
        name: run.name,
        legendgroup: run.name,
        showlegend: panel === 0,
        x: points.map(({ step }) => step),
        y: points.map(({ value }) => value),
        xaxis: panel === 0 ? "x" : "x2",
        yaxis: panel === 0 ? "y" : "y2",
        line: { color, width: 2, dash: DASHES[Math.floor(i / PALETTE.length) % DASHES.length] },
        marker: { color, size: 8 },
      };
    }),
  );
  const grid = { gridcolor: "#e5e5e5", zeroline: false, linecolor: "#888888", ticks: "outside" };
  const axes = PANELS.map(({ key, unit, domain }, panel) => {
    const suffix = panel === 0 ? "" : "2";
    const format = key === "evalAccuracy" ? { tickformat: ".1~%" } : {};
    return {
      [`xaxis${suffix}`]: {
        ...grid,
        title: { text: "training step" },
        rangemode: "tozero",
        domain,
        anchor: `y${suffix}`,
      },
      [`yaxis${suffix}`]: { ...grid, title: { text: unit, standoff: 14 }, anchor: `x${suffix}`, ...format },
    };
  });
  const rows = Math.ceil(runs.length / 3);
  const layout = {
    margin: { l: 80, r: 20, t: 50, b: 80 + 20 * rows },
    ...Object.assign({}, ...axes),
    annotations: PANELS.map(({ title, domain }) => ({
      text: title,
      ...{ x: domain[0], y: 1.08, xref: "paper", yref: "paper", xanchor: "left", yanchor: "middle" },
      showarrow: false,
      font: { size: 14 },
    })),
    legend: { orientation: "h", x: 0, y: -0.28, xanchor: "left", yanchor: "top" },
  };
  const text = runs.map((run) => {
    const [first, last] = [losses(run)[0], losses(run).at(-1)];
    const way = first && last ? `training loss ${first.value.toFixed(3)} to ${last.value.toFixed(3)}` : "no log";
    return `${run.name}: accuracy ${percent(run.metrics.final.accuracy)}, ${way}`;
  });
  return new Figure({ plotly: { data, layout }, text: text.join("\n") || "No run to draw.", height: 370 + 20 * rows });
}
