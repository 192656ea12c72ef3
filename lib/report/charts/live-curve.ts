import { formatNumber } from "../format";
import { COLORS } from "./figure";
import { FONT_FAMILY } from "./picture";

/** A value that was measured after a step. */
export interface CurvePoint {
  step: number;
  value: number;
}

/** The losses of a training under way. */
export interface LiveCurve {
  /** Steps of the whole run: the axis does not move while the curve grows. */
  maxSteps: number;
  /** As logged. */
  loss: CurvePoint[];
  /** The same, smoothed. */
  smoothed: CurvePoint[];
  /** Of the evaluations. */
  evaluations: CurvePoint[];
}

const SIZE = { width: 640, height: 230 };
const PLOT = { left: 64, right: 626, top: 30, bottom: 192 };

/** Most points of a line: what lies closer together cannot be told apart. */
const MOST_POINTS = 280;

/** Round numbers at even distances that reach from the least to the largest value. */
export function niceTicks(least: number, largest: number, count = 4): number[] {
  const spread = largest - least || Math.abs(largest) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / count));
  const distance = ([1, 2, 5].find((factor) => factor * power * count >= spread) ?? 10) * power;
  const [first, last] = [Math.floor(least / distance + 1e-9), Math.ceil(largest / distance - 1e-9)];
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) => (first + i) * distance);
}

/** Every so many points, the last one always among them. */
function thinned(points: CurvePoint[]): CurvePoint[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => (points.length - 1 - i) % every === 0);
}

/** Draws the losses so far. It takes about a millisecond, so it can be done while a training waits. */
export function liveCurveSvg(curve: LiveCurve): string {
  const all = [...curve.loss, ...curve.evaluations].map(({ value }) => value).filter(Number.isFinite);
  const rows = niceTicks(Math.min(0, ...all), Math.max(...(all.length > 0 ? all : [1])));
  const columns = niceTicks(0, Math.max(1, curve.maxSteps), 6).filter((step) => step <= curve.maxSteps);
  const [low = 0, high = 1] = [rows[0], rows.at(-1)];
  const x = (step: number): number => PLOT.left + (step / Math.max(1, curve.maxSteps)) * (PLOT.right - PLOT.left);
  const y = (value: number): number => PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const at = ({ step, value }: CurvePoint): string => `${x(step).toFixed(1)},${y(value).toFixed(1)}`;
  const line = (points: CurvePoint[], style: string): string =>
    `<polyline fill="none" ${style} points="${thinned(points.filter(({ value }) => Number.isFinite(value)))
      .map(at)
      .join(" ")}"/>`;
  const text = (left: number, top: number, content: string, more = ""): string =>
    `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" ${more}>${content}</text>`;
  const grid = rows.map(
    (value) => `<path d="M${PLOT.left} ${y(value).toFixed(1)}H${PLOT.right}" stroke="#e5e5e5"/>
${text(PLOT.left - 8, y(value) + 4, String(Number(value.toPrecision(6))), 'text-anchor="end"')}`,
  );
  const steps = columns.map((step) => text(x(step), PLOT.bottom + 18, formatNumber(step), 'text-anchor="middle"'));
  const marks = curve.evaluations.map(({ step, value }) => {
    const [left, top] = [x(step), y(value)];
    return `<path d="M${left.toFixed(1)} ${(top - 5).toFixed(1)}l5 5l-5 5l-5 -5z" fill="${COLORS.orange}"/>`;
  });
  // White paper whatever the theme; the picture cannot know the page's colours.
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" font-family="${FONT_FAMILY}" font-size="11" fill="#222222">
<rect width="100%" height="100%" fill="#ffffff"/>
${text(PLOT.left, 18, "loss (nats)")}
${text(PLOT.left + 110, 18, "as logged", 'fill="#5599c5"')}
${text(PLOT.left + 190, 18, "smoothed", `fill="${COLORS.blue}" font-weight="bold"`)}
${text(PLOT.left + 280, 18, "◆ evaluation", `fill="${COLORS.orange}"`)}
${grid.join("\n")}
${steps.join("\n")}
${text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 34, "training step", 'text-anchor="middle"')}
${line(curve.loss, 'stroke="#5599c5" stroke-opacity="0.55"')}
${line(curve.smoothed, `stroke="${COLORS.blue}" stroke-width="2"`)}
${marks.join("\n")}
</svg>`;
}

/** The losses so far as an element that also shows in a notebook which is not trusted. */
export function liveCurveImage(curve: LiveCurve): string {
  const source = Buffer.from(liveCurveSvg(curve)).toString("base64");
  return `<img width="${SIZE.width}" height="${SIZE.height}" alt="Loss over the training steps" src="data:image/svg+xml;base64,${source}">`;
}
