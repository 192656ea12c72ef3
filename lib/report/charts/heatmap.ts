/** Heatmaps: values over two axes, as colours. */
import { chartTitle, Figure } from "./figure";

/** Columns or rows of a heatmap. */
export interface HeatmapAxis {
  title: string;
  labels: string[];
}

/** Options of {@link heatmap}. */
export interface HeatmapOptions {
  title: string;
  /** Columns, left to right. */
  x: HeatmapAxis;
  /** Rows; the first is at the bottom unless `fromTop`. */
  y: HeatmapAxis;
  /** Whether the first row is on top, as in a table (default false). */
  fromTop?: boolean;
  /** By rows; undefined leaves a cell empty. */
  values: (number | undefined)[][];
  cells: string[][];
  /** The values of the palest and of the darkest colour (default: the smallest and the largest). */
  range?: [least: number, largest: number];
  /** What the chart shows, in a few lines. */
  text: string;
  width?: number;
  height?: number;
}

type Colour = [red: number, green: number, blue: number];

const PALE: Colour = [239, 245, 250];
const DARK: Colour = [0, 90, 150];

function colourAt(share: number): Colour {
  return PALE.map((from, i) => Math.round(from + share * ((DARK[i] as number) - from))) as Colour;
}

/** Text colour of a cell; where it changes, both colours have a contrast above WCAG's 4.5. */
function inkOn(share: number): string {
  return share > 0.79 ? "#ffffff" : "#000000";
}

const css = (colour: Colour): string => `rgb(${colour.join(",")})`;

/**
 * Draws a heatmap. Its picture is made of rectangles, since plotly's heatmap needs a browser's canvas.
 */
export function heatmap(options: HeatmapOptions): Figure {
  const { x, y, values, cells, text, width = 560, height = 400 } = options;
  const known = values.flat().filter((value): value is number => value !== undefined && Number.isFinite(value));
  const [least, largest] = options.range ?? [Math.min(...known), Math.max(...known)];
  const shareOf = (value: number): number => Math.min(1, Math.max(0, (value - least) / (largest - least || 1)));
  const axis = ({ title, labels }: HeatmapAxis, turned: boolean): Record<string, unknown> => ({
    title: { text: title },
    tickvals: labels.map((_, i) => i),
    ticktext: labels,
    range: turned ? [labels.length - 0.5, -0.5] : [-0.5, labels.length - 0.5],
    showgrid: false,
    zeroline: false,
  });
  const places = values.flatMap((row, i) =>
    row.flatMap((value, j) => (value === undefined ? [] : [{ i, j, share: shareOf(value) }])),
  );
  const layout = {
    title: chartTitle(options.title),
    margin: { l: 120, r: 30, t: 50, b: 60 },
    xaxis: axis(x, false),
    yaxis: axis(y, options.fromTop === true),
    annotations: places.map(({ i, j, share }) => ({
      x: j,
      y: i,
      text: cells[i]?.[j] ?? "",
      showarrow: false,
      font: { color: inkOn(share) },
    })),
  };
  const live = {
    type: "heatmap",
    z: values.map((row) => row.map((value) => value ?? null)),
    zmin: least,
    zmax: largest,
    colorscale: [0, 1].map((share) => [share, css(colourAt(share))]),
    showscale: false,
    text: cells,
    hovertemplate: "%{text}<extra></extra>",
    xgap: 2,
    ygap: 2,
  };
  const shapes = places.map(({ i, j, share }) => ({
    type: "rect",
    layer: "below",
    x0: j - 0.5,
    x1: j + 0.5,
    y0: i - 0.5,
    y1: i + 0.5,
    fillcolor: css(colourAt(share)),
    line: { color: "#ffffff", width: 2 },
  }));
  const nothing = { type: "scatter", x: [0], y: [0], mode: "markers", marker: { opacity: 0 } };
  return new Figure({
    plotly: { data: [live], layout },
    still: { data: [nothing], layout: { ...layout, shapes } },
    text,
    width,
    height,
  });
}
