/** Curves of one training. */
import type { LogEntry } from "../../train/callbacks";
import { percent } from "../format";
import { COLORS, Figure } from "./figure";
import { type CurvePoint, curve, type Panel, panelLayout } from "./panels";

interface Series {
  panel: number;
  name: string;
  points: CurvePoint[];
  color: string;
  /** Whether most log entries lack it. */
  rare?: boolean;
}

const [LEFT, RIGHT] = [[0, 0.44] as const, [0.56, 1] as const];
const [TOP, BOTTOM] = [[0.64, 1] as const, [0, 0.36] as const];
const PANELS: readonly Panel[] = [
  { title: "Loss", unit: "loss (nats)", x: LEFT, y: TOP },
  { title: "Accuracy", unit: "accuracy (%)", x: RIGHT, y: TOP, percent: true },
  { title: "Learning rate", unit: "learning rate", x: LEFT, y: BOTTOM },
  { title: "Gradient norm before clipping", unit: "L2 norm", x: RIGHT, y: BOTTOM },
];

function points(log: LogEntry[], key: string): CurvePoint[] {
  return log.flatMap((entry) => {
    const value = entry[key];
    return typeof value === "number" && Number.isFinite(value) ? [{ step: entry.step, value }] : [];
  });
}

function sentence({ panel, name, points: all }: Series): string[] {
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return [];
  const shown = (value: number): string => (PANELS[panel]?.percent ? percent(value) : value.toPrecision(4));
  return [`${name}: ${shown(first.value)} at step ${first.step}, ${shown(last.value)} at step ${last.step}`];
}

/**
 * Draws what the trainer logged: loss, accuracy, learning rate and gradient norm over the training steps.
 *
 * @param options.baseline the accuracy and loss before training, drawn at step 0; a run's metrics have them, beside more
 */
export function trainingCurves(
  log: LogEntry[],
  options: { baseline?: { loss: number; accuracy: number } } = {},
): Figure {
  const from = (value: number | undefined): CurvePoint[] => (value === undefined ? [] : [{ step: 0, value }]);
  const evalLoss = [...from(options.baseline?.loss), ...points(log, "evalLoss")];
  const evalAccuracy = [...from(options.baseline?.accuracy), ...points(log, "evalAccuracy")];
  const { blue, orange, green, purple, grey } = COLORS;
  const series: Series[] = [
    { panel: 0, name: "training loss", points: points(log, "loss"), color: blue },
    { panel: 0, name: "evaluation loss", points: evalLoss, color: orange, rare: true },
    { panel: 1, name: "evaluation accuracy", points: evalAccuracy, color: green, rare: true },
    { panel: 2, name: "learning rate", points: points(log, "learningRate"), color: purple },
    { panel: 3, name: "gradient norm", points: points(log, "gradNorm"), color: grey },
  ];
  const layout = {
    ...panelLayout(PANELS, 0.05),
    margin: { l: 80, r: 20, t: 60, b: 90 },
    legend: { orientation: "h", x: 0, y: -0.16, xanchor: "left", yanchor: "top" },
  };
  const data = series.map(({ panel, name, points, color, rare }) =>
    curve(panel, name, points, { color, ...(rare ? { markers: true, symbol: "diamond" } : {}) }),
  );
  const lines = series.flatMap(sentence);
  const title = "Loss, accuracy, learning rate and gradient norm over the training steps";
  const text = lines.length > 0 ? [title, ...lines].join("\n") : "No training step was logged.";
  return new Figure({ plotly: { data, layout }, text, height: 560 });
}
