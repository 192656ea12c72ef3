/** Curves of several runs in one figure. */
import type { LogEntry } from "../../train/callbacks";
import { percent } from "../format";
import { COLORS, Figure } from "./figure";
import { type CurvePoint, curve, type Panel, panelLayout } from "./panels";
import { Smoothed } from "./smoothed";

export interface LoggedRun {
  name: string;
  metrics: { final: { accuracy: number }; baseline?: { accuracy: number } };
  log: readonly LogEntry[];
}

const { blue, orange, green, purple, grey } = COLORS;
/** The best run's first; all have a contrast of 3 or more to white. */
const PALETTE = [blue, orange, green, purple, "#9a6a00", "#2b7fb0", "#6a3d9a", "#7f5539", grey];
const DASHES = ["solid", "dash", "dot"];

const PANELS: readonly Panel[] = [
  { title: "Training loss, smoothed", unit: "loss (nats)", x: [0, 0.45], y: [0, 1] },
  { title: "Accuracy", unit: "accuracy (%)", x: [0.58, 1], y: [0, 1], percent: true },
];

/** Smoothed, since unsmoothed losses of several runs hide each other. */
function losses({ log }: LoggedRun): CurvePoint[] {
  const smoothed = new Smoothed();
  return log.flatMap(({ step, loss }) =>
    loss !== undefined && Number.isFinite(loss) ? [{ step, value: smoothed.add(loss) }] : [],
  );
}

/** Accuracies, starting before training. */
function accuracies({ log, metrics }: LoggedRun): CurvePoint[] {
  const logged = log.flatMap(({ step, evalAccuracy }) =>
    evalAccuracy !== undefined && Number.isFinite(evalAccuracy) ? [{ step, value: evalAccuracy }] : [],
  );
  const known = metrics.baseline === undefined || logged.some(({ step }) => step === 0);
  return known ? logged : [{ step: 0, value: metrics.baseline?.accuracy ?? Number.NaN }, ...logged];
}

/** Draws training loss and evaluation accuracy of several runs over their steps; the legend is in their order. */
export function overlaidCurves(runs: readonly LoggedRun[]): Figure {
  const data = runs.flatMap((run, i) => {
    const color = PALETTE[i % PALETTE.length] as string;
    const style = { color, dash: DASHES[Math.floor(i / PALETTE.length) % DASHES.length] };
    return [
      { ...curve(0, run.name, losses(run), style), legendgroup: run.name },
      { ...curve(1, run.name, accuracies(run), { ...style, markers: true }), legendgroup: run.name, showlegend: false },
    ];
  });
  const rows = Math.ceil(runs.length / 3);
  const layout = {
    ...panelLayout(PANELS, 0.08),
    margin: { l: 80, r: 20, t: 50, b: 80 + 20 * rows },
    legend: { orientation: "h", x: 0, y: -0.28, xanchor: "left", yanchor: "top" },
  };
  const lines = runs.map((run) => {
    const [first, last] = [losses(run)[0], losses(run).at(-1)];
    const way = first && last ? `training loss ${first.value.toFixed(3)} to ${last.value.toFixed(3)}` : "no log";
    return `${run.name}: accuracy ${percent(run.metrics.final.accuracy)}, ${way}`;
  });
  const title = "Training loss and accuracy of the runs over their steps, the best run first";
  const text = lines.length > 0 ? [title, ...lines].join("\n") : "No run to draw.";
  return new Figure({ plotly: { data, layout }, text, height: 370 + 20 * rows });
}
