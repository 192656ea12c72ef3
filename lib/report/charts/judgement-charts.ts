/** Charts of a model's right and wrong answers, by label, length and confidence. */
import type { Calibration } from "../../evaluate/calibration";
import type { LengthAccuracy } from "../../evaluate/classification-metrics";
import { formatNumber, lengthClass, percent } from "../format";
import { AXIS, COLORS, chartTitle, Figure } from "./figure";
import { heatmap } from "./heatmap";

/**
 * Draws a confusion matrix; darker cells have a larger share of their row.
 *
 * @param matrix counts; the first index is the right label, the second the predicted one
 * @param names of the labels, in order
 */
export function confusionChart(matrix: readonly (readonly number[])[], names: readonly string[]): Figure {
  const totals = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const shares = matrix.map((row, i) => row.map((count) => count / Math.max(1, totals[i] as number)));
  const labels = matrix.map((_, i) => names[i] ?? String(i));
  // With many labels, the text leaves out pairs that never occurred.
  const isFew = labels.length <= 5;
  const title = "What was right, and what the model said";
  const lines = matrix.map(
    (row, i) =>
      `right ${labels[i]}: ${row.flatMap((count, j) => (isFew || count > 0 ? `${count} called ${labels[j]}` : [])).join(", ")}`,
  );
  return heatmap({
    title,
    x: { title: "the model's answer", labels },
    y: { title: "right", labels },
    fromTop: true,
    values: shares,
    cells: matrix.map((row, i) =>
      row.map((count, j) => (isFew ? `${count}<br>${percent(shares[i]?.[j] as number)}` : `${count || ""}`)),
    ),
    range: [0, 1],
    text: [title, ...lines].join("\n"),
    width: Math.min(1200, 440 + 40 * Math.max(2, labels.length)),
    height: Math.min(1000, 300 + 40 * Math.max(2, labels.length)),
  });
}

/**
 * Draws accuracy by length, a bar for each class with its number of texts.
 *
 * @param unit of the lengths, such as "tokens" or "characters"
 */
export function lengthBars(classes: readonly LengthAccuracy[], unit: string): Figure {
  const shown = classes.filter(({ rows }) => rows > 0);
  const title = `Accuracy by length in ${unit}`;
  const told = shown.map(({ accuracy, rows }) => `${percent(accuracy)} of ${formatNumber(rows)} texts`);
  const layout = {
    title: chartTitle(title),
    bargap: 0.4,
    margin: { l: 90, r: 30, t: 50, b: 60 },
    xaxis: { title: { text: unit }, type: "category", linecolor: AXIS.linecolor },
    yaxis: { ...AXIS, title: { text: "correct answers (%)", standoff: 14 }, range: [0, 1.12], tickformat: ".0%" },
  };
  const bars = {
    type: "bar",
    x: shown.map(lengthClass),
    y: shown.map(({ accuracy }) => accuracy),
    text: told,
    textposition: "outside",
    cliponaxis: false,
    marker: { color: COLORS.blue },
  };
  const lines = shown.map((row, i) => `${lengthClass(row)} ${unit}: ${told[i]}`);
  return new Figure({ plotly: { data: [bars], layout }, text: [title, ...lines].join("\n"), width: 640, height: 360 });
}

/** Draws accuracy against confidence; they agree on the dotted line. */
export function reliabilityCurve({ bins, expectedCalibrationError, overconfidence }: Calibration): Figure {
  const most = Math.max(1, ...bins.map(({ rows }) => rows));
  const least = Math.min(0.5, ...bins.map(({ from }) => from));
  const title = `How sure and how right: expected calibration error ${percent(expectedCalibrationError)}`;
  const axis = (text: string, range: [number, number]): Record<string, unknown> => ({
    ...AXIS,
    title: { text, standoff: 14 },
    range,
    tickformat: ".0%",
  });
  const layout = {
    title: chartTitle(title),
    margin: { l: 90, r: 30, t: 50, b: 60 },
    showlegend: false,
    xaxis: axis("how sure the model was (%)", [least, 1.02]),
    yaxis: axis("how often it was right (%)", [0, 1.08]),
  };
  const even = {
    type: "scatter",
    mode: "lines",
    x: [least, 1],
    y: [least, 1],
    line: { color: COLORS.grey, dash: "dot", width: 1.5 },
    hoverinfo: "skip",
  };
  const curve = {
    type: "scatter",
    mode: "lines+markers",
    x: bins.map(({ confidence }) => confidence),
    y: bins.map(({ accuracy }) => accuracy),
    text: bins.map(({ rows }) => `${rows} texts`),
    line: { color: COLORS.blue, width: 2 },
    // The area of a point says how many answers it stands for.
    marker: { color: COLORS.blue, size: bins.map(({ rows }) => 6 + 16 * Math.sqrt(rows / most)) },
  };
  const lines = bins.map(
    ({ confidence, accuracy, rows }) => `sure ${percent(confidence)}: right ${percent(accuracy)} (${rows} texts)`,
  );
  const verdict = overconfidence > 0 ? "too sure of itself" : "not sure enough of itself";
  const mean = `${percent(Math.abs(overconfidence))} ${verdict} on average`;
  return new Figure({
    plotly: { data: [even, curve], layout },
    text: [`${title}, ${mean}`, ...lines].join("\n"),
    width: 560,
    height: 400,
  });
}
