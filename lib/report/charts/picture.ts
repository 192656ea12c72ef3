/** Renders plotly figures as PNG, without a browser. */
import { readFileSync } from "node:fs";
import { optional } from "../../process/optional";
import { getBBox, getBoundingClientRect } from "./text-box";

/** A figure as plotly takes it. */
export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

interface Size {
  width: number;
  height: number;
}

interface Plotly {
  toImage(figure: PlotlyFigure, options: Size & { format: "svg"; imageDataOnly: boolean }): Promise<string>;
}

/** Fonts of every picture; the first comes with the packages, so that pictures are the same on every machine. */
export const FONT_FAMILY = "DejaVu Sans, Verdana, sans-serif";

/** The part of a jsdom window that is used or filled in here. */
interface BrowserWindow {
  URL: { createObjectURL?: () => string };
  HTMLCanvasElement: { prototype: { getContext: () => null } };
  SVGElement: { prototype: object };
  eval(source: string): void;
  Plotly?: Plotly;
}

interface Jsdom {
  JSDOM: new (html: string, options: Record<string, unknown>) => { window: BrowserWindow };
}

interface Resvg {
  Resvg: new (svg: string, options: Record<string, unknown>) => { render(): { asPng(): Uint8Array } };
}

/** What draws pictures. */
const PACKAGES = "plotly.js-dist jsdom @resvg/resvg-js dejavu-fonts-ttf";

let loaded: Plotly | undefined;

function loadPlotly(): Plotly {
  const { JSDOM } = require("jsdom") as Jsdom;
  const { window } = new JSDOM("<body></body>", { runScripts: "outside-only", pretendToBeVisual: true });
  window.URL.createObjectURL = () => "";
  window.HTMLCanvasElement.prototype.getContext = () => null;
  Object.assign(window.SVGElement.prototype, { getBBox, getBoundingClientRect });
  window.eval(readFileSync(require.resolve("plotly.js-dist"), "utf8"));
  if (!window.Plotly) throw new Error("`plotly.js-dist`: expected to define Plotly, got nothing. Run `npm run setup`.");
  return window.Plotly;
}

/** Only a package's fonts, since machines differ in theirs. */
function fontOptions(): Record<string, unknown> {
  const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${name}`),
  );
  return { fontFiles, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" };
}

/**
 * Draws a plotly figure without a browser: plotly.js in jsdom gives SVG, resvg gives PNG.
 * The first picture of a process takes about a second, the next a few tenths.
 * @returns PNG bytes of that size: JupyterLab shows one pixel as one, whatever the metadata say
 */
export async function drawPng(figure: PlotlyFigure, size: Size): Promise<Uint8Array> {
  loaded ??= optional(PACKAGES, loadPlotly);
  // A copy, since plotly changes its argument.
  const svg = await loaded.toImage(structuredClone(figure), { ...size, format: "svg", imageDataOnly: true });
  const { Resvg } = optional(PACKAGES, () => require("@resvg/resvg-js") as Resvg);
  return new Resvg(svg, { font: optional(PACKAGES, fontOptions) }).render().asPng();
}
