import { inspect } from "node:util";
import type { MimeBundle } from "../tables/display";
import { drawPng, FONT_FAMILY, type PlotlyFigure } from "./picture";

/** Colours that stay apart for colour-blind eyes (Okabe and Ito), and on white paper. */
export const COLORS = { blue: "#0072B2", orange: "#D55E00", green: "#009E73", purple: "#CC79A7", grey: "#555555" };

/** What a figure is made from. */
export interface FigureOptions {
  /** What plotly draws. */
  plotly: PlotlyFigure;
  /** What the picture is drawn from, where plotly needs a browser for the kind of chart (default `plotly`). */
  still?: PlotlyFigure;
  /** What the chart says, in a few lines of text. */
  text: string;
  /** Width of the picture, in pixels (default 900). */
  width?: number;
  /** Height of chart and picture, in pixels (default 360). */
  height?: number;
}

/** A chart with one definition and three forms: live plotly, a picture, and text. */
export class Figure {
  /** What plotly draws. */
  readonly plotly: PlotlyFigure;
  /** What the chart says, in a few lines of text. */
  readonly text: string;
  /** Width of the picture on screen, in pixels. */
  readonly width: number;
  /** Height of chart and picture on screen, in pixels. */
  readonly height: number;

  readonly #still: PlotlyFigure;

  constructor(options: FigureOptions) {
    this.width = options.width ?? 900;
    this.height = options.height ?? 360;
    this.text = options.text;
    // White paper whatever the theme: dark text on a dark page cannot be read.
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
    return {
      data: {
        "application/vnd.plotly.v1+json": { ...this.plotly, config: { responsive: true, displaylogo: false } },
        "image/png": Buffer.from(await this.png()).toString("base64"),
        "text/plain": this.text,
      },
      metadata: { "image/png": { width: this.width, height: this.height } },
    };
  }

  [inspect.custom](): string {
    return this.text;
  }
}
