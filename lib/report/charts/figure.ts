/** A chart in three forms: live plotly, a picture, and text. */

import { inspect } from "node:util";
import { checkOptions, type OptionKinds } from "../../process/options";
import type { MimeBundle } from "../tables/display";
import { drawPng, FONT_FAMILY, type PlotlyFigure } from "./picture";

/** Colours for colour-blind readers (Okabe and Ito), dark enough for lines on white. */
export const COLORS = { blue: "#0072B2", orange: "#D55E00", green: "#009E73", purple: "#CC79A7", grey: "#555555" };

/** Common properties of all axes. */
export const AXIS = { gridcolor: "#e5e5e5", linecolor: "#888888", zeroline: false, ticks: "outside" };

/** A chart's title, above its left edge. */
export function chartTitle(text: string): Record<string, unknown> {
  return { text, x: 0.02, xanchor: "left", font: { size: 14 } };
}

/** Options of {@link Figure}. */
export interface FigureOptions {
  /** What plotly draws. */
  plotly: PlotlyFigure;
  /** Source of the picture, for charts that plotly draws in a browser only (default `plotly`). */
  still?: PlotlyFigure;
  /** Description in a few lines with the main numbers, for screen readers and terminals. */
  text: string;
  /** Width of the picture, in pixels (default 900). */
  width?: number;
  /** Height of chart and picture, in pixels (default 360). */
  height?: number;
}

const OPTIONS: OptionKinds<FigureOptions> = {
  plotly: "object",
  still: "object",
  text: "string",
  width: "number",
  height: "number",
};

/** A chart that a notebook, a web page and a terminal can show. */
export class Figure {
  /** What plotly draws. */
  readonly plotly: PlotlyFigure;
  /** What the chart shows, in a few lines with the main numbers. */
  readonly text: string;
  /** Width of the picture on screen, in pixels. */
  readonly width: number;
  /** Height of chart and picture on screen, in pixels. */
  readonly height: number;

  readonly #still: PlotlyFigure;

  constructor(options: FigureOptions) {
    checkOptions("Figure", options, OPTIONS);
    this.width = options.width ?? 900;
    this.height = options.height ?? 360;
    this.text = options.text;
    // White, which the page inverts in a dark theme: plotly cannot follow the theme, and no text colour has a contrast
    // of 4.5 both to white and to the dark theme's #111 (the best, a grey, has 4.3 to each).
    const house = {
      font: { family: FONT_FAMILY, size: 12, color: "#222222" },
      hoverlabel: { namelength: -1 },
      paper_bgcolor: "#ffffff",
      plot_bgcolor: "#ffffff",
      height: this.height,
    };
    const furnished = ({ data, layout }: PlotlyFigure): PlotlyFigure => ({ data, layout: { ...house, ...layout } });
    this.plotly = furnished(options.plotly);
    this.#still = options.still ? furnished(options.still) : this.plotly;
  }

  /** The figure as PNG bytes. */
  png(): Promise<Uint8Array> {
    return drawPng(this.#still, { width: this.width, height: this.height });
  }

  /** All three forms: JupyterLab takes plotly, GitHub and the HTML export the picture, a terminal the text. */
  async bundle(): Promise<{ data: MimeBundle; metadata: Record<string, unknown> }> {
    const alt = this.text.replaceAll("\n", "; ");
    return {
      data: {
        "application/vnd.plotly.v1+json": { ...this.plotly, config: { responsive: true, displaylogo: false } },
        "image/png": Buffer.from(await this.png()).toString("base64"),
        "text/plain": this.text,
      },
      metadata: { "image/png": { width: this.width, height: this.height, alt } },
    };
  }

  [inspect.custom](): string {
    return this.text;
  }
}
