/** A picture of the losses of a running training, made in a millisecond. */
import { escapeHtml, formatNumber } from "../format";
import type { CurvePoint } from "./panels";
import { FONT_FAMILY } from "./picture";

/** The losses of a running training. */
export interface LiveCurve {
  /** Steps of the whole run, so that the axis stays while the curve grows. */
  maxSteps: number;
  loss: CurvePoint[];
  smoothed: CurvePoint[];
  evaluations: CurvePoint[];
}

const SIZE = { width: 640, height: 230 };
const PLOT = { left: 64, right: 626, top: 30, bottom: 192 };

/** Most points of a line; more could not be told apart. */
const MOST_POINTS = 280;

/** An image knows the reader's colour scheme but not the page's theme, so it has its own background. */
const STYLE = `.paper { fill: #ffffff } text { fill: #222222 } .grid { stroke: #e5e5e5 }
.logged { stroke: #5599c5 } .smoothed { stroke: #0072b2; stroke-width: 2 } .evaluation { fill: #d55e00 }
@media (prefers-color-scheme: dark) {
.paper { fill: #111111 } text { fill: #e0e0e0 } .grid { stroke: #3a3a3a }
.logged { stroke: #3f7396 } .smoothed { stroke: #56b4e9 } .evaluation { fill: #e69f00 }
}`;

/** Evenly spaced round numbers that cover the values. */
export function niceTicks(least: number, largest: number, count = 4): number[] {
  const spread = largest - least || Math.abs(largest) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / count));
  const distance = ([1, 2, 5].find((factor) => factor * power * count >= spread) ?? 10) * power;
  const [first, last] = [Math.floor(least / distance + 1e-9), Math.ceil(largest / distance - 1e-9)];
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) => (first + i) * distance);
}

/** Thins out points, but keeps the last one. */
function thinned(points: CurvePoint[]): CurvePoint[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => (points.length - 1 - i) % every === 0);
}

function text(left: number, top: number, content: string, anchor = "start"): string {
  return `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

function diamond(left: number, top: number): string {
  return `<path class="evaluation" d="M${left.toFixed(1)} ${(top - 5).toFixed(1)}l5 5l-5 5l-5 -5z"/>`;
}

function legend(): string {
  const [left, top] = [PLOT.left, 18];
  const stroke = (name: string, at: number): string => `<path class="${name}" d="M${at} ${top - 4}h16"/>`;
  return [
    text(left, top, "loss (nats)"),
    stroke("logged", left + 100),
    text(left + 122, top, "as logged"),
    stroke("smoothed", left + 200),
    text(left + 222, top, "smoothed"),
    diamond(left + 306, top - 4),
    text(left + 316, top, "evaluation"),
  ].join("\n");
}

export function liveCurveSvg(curve: LiveCurve): string {
  const all = [...curve.loss, ...curve.evaluations].map(({ value }) => value).filter(Number.isFinite);
  const rows = niceTicks(Math.min(0, ...all), Math.max(...(all.length > 0 ? all : [1])));
  const columns = niceTicks(0, Math.max(1, curve.maxSteps), 6).filter((step) => step <= curve.maxSteps);
  const [low = 0, high = 1] = [rows[0], rows.at(-1)];
  const x = (step: number): number => PLOT.left + (step / Math.max(1, curve.maxSteps)) * (PLOT.right - PLOT.left);
  const y = (value: number): number => PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const line = (name: string, points: CurvePoint[]): string => {
    const shown = thinned(points.filter(({ value }) => Number.isFinite(value)));
    const places = shown.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline class="${name}" fill="none" points="${places.join(" ")}"/>`;
  };
  const grid = rows.map(
    (value) => `<path class="grid" d="M${PLOT.left} ${y(value).toFixed(1)}H${PLOT.right}"/>
${text(PLOT.left - 8, y(value) + 4, String(Number(value.toPrecision(6))), "end")}`,
  );
  const steps = columns.map((step) => text(x(step), PLOT.bottom + 18, formatNumber(step), "middle"));
  const marks = curve.evaluations.map(({ step, value }) => diamond(x(step), y(value)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" font-family="${FONT_FAMILY}" font-size="11">
<style>${STYLE}</style>
<rect class="paper" width="100%" height="100%"/>
${legend()}
${grid.join("\n")}
${steps.join("\n")}
${text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 34, "training step", "middle")}
${line("logged", curve.loss)}
${line("smoothed", curve.smoothed)}
${marks.join("\n")}
</svg>`;
}

/** The picture's description. */
export function liveCurveText({ maxSteps, smoothed, evaluations }: LiveCurve): string {
  const [first, last, evaluation] = [smoothed[0], smoothed.at(-1), evaluations.at(-1)];
  const way =
    first && last
      ? `smoothed ${formatNumber(first.value)} at step ${first.step}, ${formatNumber(last.value)} at step ${last.step}`
      : "none logged yet";
  const evaluated = evaluation
    ? `; ${formatNumber(evaluation.value)} in the evaluation after step ${evaluation.step}`
    : "";
  return `Loss over ${formatNumber(maxSteps)} training steps: ${way}${evaluated}`;
}

/** The picture as an element that untrusted notebooks show too. */
export function liveCurveImage(curve: LiveCurve): string {
  const source = Buffer.from(liveCurveSvg(curve)).toString("base64");
  return `<img width="${SIZE.width}" height="${SIZE.height}" alt="${escapeHtml(liveCurveText(curve))}" src="data:image/svg+xml;base64,${source}">`;
}
