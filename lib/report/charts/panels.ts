/** Several charts over the training steps in one figure. */
import { AXIS } from "./figure";

/** A value after a training step. */
export interface CurvePoint {
  step: number;
  value: number;
}

/** A chart: its place, as shares of the figure's width and height, and its title and unit. */
export interface Panel {
  title: string;
  unit: string;
  x: readonly [left: number, right: number];
  y: readonly [bottom: number, top: number];
  /** Whether the values are shares, shown as percentages. */
  percent?: boolean;
}

/** The names of a panel's axes in plotly: "x" and "y" of the first, "x2" and "y2" of the second. */
export function axesOf(panel: number): { xaxis: string; yaxis: string } {
  const suffix = panel === 0 ? "" : String(panel + 1);
  return { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
}

/**
 * The part of plotly's layout that holds axes and titles.
 * @param gap distance of the titles from the charts below them, as a share of the height
 */
export function panelLayout(panels: readonly Panel[], gap: number): Record<string, unknown> {
  const axes = panels.map(({ unit, x, y, percent }, i): Record<string, unknown> => {
    const { xaxis, yaxis } = axesOf(i);
    const common = { ...AXIS, exponentformat: "e", tickfont: { size: 11 } };
    const steps = { rangemode: "tozero", title: { text: "training step" }, domain: x, anchor: yaxis };
    const values = { title: { text: unit, standoff: 14 }, domain: y, anchor: xaxis };
    return {
      [xaxis.replace("x", "xaxis")]: { ...common, ...steps },
      [yaxis.replace("y", "yaxis")]: { ...common, ...values, ...(percent ? { tickformat: ".1~%" } : {}) },
    };
  });
  const annotations = panels.map(({ title, x, y }) => ({
    text: title,
    x: x[0],
    y: y[1] + gap,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "middle",
    showarrow: false,
    font: { size: 14 },
  }));
  return { ...Object.assign({}, ...axes), annotations };
}

/** A curve of a panel. */
export function curve(
  panel: number,
  name: string,
  points: readonly CurvePoint[],
  style: { color: string; dash?: string; symbol?: string; markers?: boolean },
): Record<string, unknown> {
  const { color, dash = "solid", symbol = "circle", markers = points.length < 3 } = style;
  return {
    type: "scatter",
    mode: markers ? "lines+markers" : "lines",
    name,
    x: points.map(({ step }) => step),
    y: points.map(({ value }) => value),
    ...axesOf(panel),
    line: { color, width: 2, dash },
    marker: { color, size: 8, symbol },
  };
}
