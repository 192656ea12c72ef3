/** The notebook in a browser: what a person can do with it, by the tags of its cells. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type ElementHandle, type Page } from "playwright-core";
import type { CellState, StatusSample } from "./in-page";
import * as inPage from "./in-page";
import { paperOf } from "./paper";

/** Nothing here takes that long; a machine under load may. Milliseconds. */
const LONG = 90_000;

const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Starts the Chromium that `npm run test:browser` has found. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS.split(" ") });
}

export class LabPage {
  /** What the page itself complained about. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly pictures: string,
  ) {
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.setDefaultTimeout(LONG);
  }

  /**
   * Opens a notebook and waits for its kernel.
   * @param pictures folder for screenshots
   */
  static async open(url: string, pictures: string): Promise<LabPage> {
    mkdirSync(pictures, { recursive: true });
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1400, height: 1200 } });
    // The compiler of these files names functions through a helper, which the page does not have.
    await context.addInitScript("globalThis.__name = (named) => named");
    const page = new LabPage(browser, await context.newPage(), pictures);
    await page.page.goto(url, { waitUntil: "domcontentloaded" });
    const panel = "window.jupyterapp?.shell?.currentWidget";
    const kernel = `${panel}?.sessionContext?.session?.kernel?.status`;
    await page.page.waitForFunction(`${panel}?.context?.isReady && ${kernel} === "idle"`);
    return page;
  }

  /** All code cells. */
  cells(): Promise<CellState[]> {
    return this.page.evaluate(inPage.codeCells);
  }

  /** The cell with this tag. */
  async cell(tag: string): Promise<CellState> {
    const cells = await this.cells();
    const found = cells.find((cell) => cell.tag === tag);
    if (!found) throw new Error(`cell: expected one tagged \`${tag}\`, got ${cells.map((cell) => cell.tag)}.`);
    return found;
  }

  /** Brings a cell to the top of the screen. */
  async show(tag: string): Promise<ElementHandle> {
    const index = await this.page.evaluate(inPage.select, tag);
    const node = (await this.page.evaluateHandle(inPage.cellNode, index)).asElement();
    if (!node) throw new Error(`\`${tag}\`: expected an element on the page, got none.`);
    await node.waitForElementState("visible");
    return node as ElementHandle;
  }

  /** Replaces the source of a cell. */
  async write(tag: string, source: string): Promise<void> {
    await this.page.evaluate(inPage.select, tag);
    await this.page.evaluate(inPage.writeSource, source);
  }

  /** Runs all cells with the menu's command. @returns whether none failed */
  async runAll(): Promise<boolean> {
    return (await this.page.evaluate(inPage.execute, { command: "notebook:run-all-cells" })) === true;
  }

  /** Runs code in a cell that is there for this alone. @param picture its name, where one is taken @returns its outputs */
  async runCode(source: string, picture?: string): Promise<CellState> {
    const tag = "added-by-the-test";
    await this.page.evaluate(inPage.addCell, { tag, source });
    await this.page.evaluate(inPage.select, tag);
    await this.page.evaluate(inPage.execute, { command: "notebook:run-cell" });
    const cell = await this.cell(tag);
    if (picture) await this.picture(picture, tag);
    await this.page.evaluate(inPage.deleteLastCell);
    return cell;
  }

  /** Presses Shift-Tab behind code in a cell that is there for this alone. @returns what JupyterLab then shows */
  async help(source: string): Promise<string> {
    const tag = "added-by-the-test";
    await this.page.evaluate(inPage.addCell, { tag, source });
    await (await (await this.show(tag)).waitForSelector(".cm-content")).click();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.press("Shift+Tab");
    const text = await this.page.locator(".jp-Tooltip-content").innerText();
    await this.page.screenshot({ path: join(this.pictures, `help-${source}.png`) });
    await this.page.keyboard.press("Escape");
    await this.page.evaluate(inPage.deleteLastCell);
    return text;
  }

  /** Looks at the kernel's status from now on, whenever a cell runs. */
  async sampleStatus(): Promise<void> {
    await this.page.evaluate(inPage.sampleStatus);
  }

  /** What {@link sampleStatus} has seen. */
  statusSamples(): Promise<StatusSample[]> {
    return this.page.evaluate(inPage.statusSamples);
  }

  /** Collects what a cell shows on screen from now on. */
  async watch(tag: string): Promise<void> {
    const index = await this.page.evaluate(inPage.select, tag);
    await this.page.evaluate(inPage.watch, index);
  }

  /** The different texts that the watched cell has shown. */
  statesSeen(): Promise<string[]> {
    return this.page.evaluate(inPage.statesSeen);
  }

  /** Waits until the watched cell has shown such a text. */
  async untilSeen(pattern: RegExp): Promise<void> {
    await this.page.waitForFunction(inPage.hasSeen, pattern.source, { polling: 50 });
  }

  /** Presses the stop button of the toolbar. */
  stop(): Promise<void> {
    return this.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]').click();
  }

  /** Changes between the light and the dark theme. */
  async theme(name: "Light" | "Dark"): Promise<void> {
    const theme = `JupyterLab ${name}`;
    await this.page.evaluate(inPage.execute, { command: "apputils:change-theme", args: { theme } });
    await this.page.waitForSelector(`body[data-jp-theme-name="${theme}"]`, { state: "attached" });
  }

  /** Texts of a cell's output with too little contrast. */
  async faintTexts(tag: string): Promise<string[]> {
    const index = await this.page.evaluate(inPage.select, tag);
    return this.page.evaluate(inPage.faintTexts, index);
  }

  /** The colours behind a cell's pictures, live or not, on screen. */
  async papers(tag: string): Promise<number[][]> {
    const cell = await this.show(tag);
    const pictures = await cell.$$(".jp-OutputArea-output :is(img, .plot-container)");
    const papers: number[][] = [];
    for (const picture of pictures) if (await picture.isVisible()) papers.push(await paperOf(this.page, picture));
    return papers;
  }

  /** Moves the mouse onto a cell's figure. @returns what a person then sees of it */
  async enterFigure(tag: string): Promise<{ width: number; height: number; label: string }> {
    await this.page.mouse.move(0, 0);
    const cell = await this.show(tag);
    const figure = await cell.waitForSelector(".jp-OutputArea-output :is(.plot-img, .js-plotly-plot)");
    const box = await figure.boundingBox();
    // The picture gives way to the live figure as soon as the mouse is there.
    if (box) await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const plot = await cell.waitForSelector(".js-plotly-plot .plot-container .nsewdrag");
    const area = await plot.boundingBox();
    const whole = await (await cell.waitForSelector(".js-plotly-plot")).boundingBox();
    if (!area || !whole) return { width: 0, height: 0, label: "" };
    // Somewhere the mouse meets a value, and plotly labels it: at most every 50 ms.
    for (const height of [0.6, 0.4, 0.25, 0.8, 0.1]) {
      for (let share = 0.02; share < 1; share += 0.02) {
        await this.page.mouse.move(area.x + share * area.width, area.y + height * area.height);
        await this.page.waitForTimeout(20);
        const label = await cell.$(".hoverlayer .hovertext");
        if (label) return { width: whole.width, height: whole.height, label: (await label.textContent()) ?? "" };
      }
    }
    return { width: whole.width, height: whole.height, label: "" };
  }

  /** Saves what a cell looks like, or with no tag the whole window. */
  async picture(name: string, tag?: string): Promise<void> {
    const target = tag === undefined ? this.page : await this.show(tag);
    await target.screenshot({ path: join(this.pictures, `${name}.png`), animations: "disabled" });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
