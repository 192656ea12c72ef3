/** What runs inside the page, handed to the browser as source: each function stands on its own. */

/** The part of JupyterLab that the test touches; it has no published types for scripts in the page. */
interface PageElement {
  isConnected: boolean;
  innerText: string;
  parentElement: PageElement | null;
  getBoundingClientRect(): { top: number; bottom: number; height: number };
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface CellModel {
  type: string;
  id: string;
  getMetadata(name: string): unknown;
  sharedModel: { getSource(): string; setSource(source: string): void };
}

interface CellWidget {
  model: CellModel;
  /** "*" is queued or running, "" was never run, a number is done. */
  prompt: string;
  node: PageElement;
  outputArea: { model: { toJSON(): Output[] } };
}

interface NotebookPanel {
  sessionContext: { session: { kernel: { status: string } } };
  content: {
    widgets: CellWidget[];
    activeCellIndex: number;
    scrollToItem(index: number, align: string): Promise<void>;
  };
  model: {
    sharedModel: {
      cells: unknown[];
      addCell(cell: Record<string, unknown>): void;
      deleteCell(index: number): void;
    };
  };
}

declare const window: {
  jupyterapp: {
    commands: { execute(command: string, args?: Record<string, unknown>): Promise<unknown> };
    shell: { currentWidget: NotebookPanel };
  };
  /** Distinct texts that {@link watch} has seen on screen. */
  statesSeen: Set<string>;
  /** What {@link sampleStatus} has collected. */
  statusSamples: StatusSample[];
  innerHeight: number;
};
declare const document: { querySelector(selector: string): { rel: string; dataset: { status?: string } } | null };
declare const setInterval: (work: () => void, milliseconds: number) => unknown;
declare const getComputedStyle: (element: PageElement) => { color: string; backgroundColor: string };
declare const MutationObserver: new (
  callback: () => void,
) => { observe(node: PageElement, options: Record<string, boolean>): void };

/** An output as the file has it. */
export interface Output {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  evalue?: string;
  traceback?: string[];
}

/** What told at one moment whether the kernel is busy: the session, the notebook's circle, the tab's icon. */
export interface StatusSample {
  kernel: string;
  circle: string | undefined;
  icon: string;
}

/** A code cell as it stands. */
export interface CellState {
  tag: string;
  source: string;
  prompt: string;
  outputs: Output[];
}

/** All code cells, in their order. */
export function codeCells(): CellState[] {
  return window.jupyterapp.shell.currentWidget.content.widgets
    .filter((cell) => cell.model.type === "code")
    .map((cell) => ({
      tag: String((cell.model.getMetadata("tags") as string[] | undefined)?.[0] ?? cell.model.id),
      source: cell.model.sharedModel.getSource(),
      prompt: cell.prompt,
      outputs: cell.outputArea.model.toJSON(),
    }));
}

/** Makes a cell the active one and brings it to the top of the screen. @returns its index */
export async function select(tag: string): Promise<number> {
  const { content } = window.jupyterapp.shell.currentWidget;
  const index = content.widgets.findIndex((cell) =>
    (cell.model.getMetadata("tags") as string[] | undefined)?.includes(tag),
  );
  if (index < 0) throw new Error(`cell: expected one tagged \`${tag}\`, got none.`);
  content.activeCellIndex = index;
  await content.scrollToItem(index, "start");
  return index;
}

/** A cell's element. */
export function cellNode(index: number): unknown {
  return window.jupyterapp.shell.currentWidget.content.widgets[index]?.node;
}

/** Replaces the source of the active cell. */
export function writeSource(source: string): void {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.widgets[content.activeCellIndex]?.model.sharedModel.setSource(source);
}

/** Adds a code cell at the end. */
export function addCell({ tag, source }: { tag: string; source: string }): void {
  window.jupyterapp.shell.currentWidget.model.sharedModel.addCell({
    cell_type: "code",
    source,
    metadata: { tags: [tag] },
  });
}

/** Takes the last cell away. */
export function deleteLastCell(): void {
  const { sharedModel } = window.jupyterapp.shell.currentWidget.model;
  sharedModel.deleteCell(sharedModel.cells.length - 1);
}

/** Runs a command of JupyterLab to its end. */
export function execute({ command, args = {} }: { command: string; args?: Record<string, unknown> }): Promise<unknown> {
  return window.jupyterapp.commands.execute(command, args);
}

/** From now on, every text that a cell's output shows on screen is kept in `statesSeen`. */
export function watch(index: number): void {
  const node = window.jupyterapp.shell.currentWidget.content.widgets[index]?.node;
  if (!node) throw new Error(`cell ${index}: expected one to watch, got none.`);
  window.statesSeen = new Set();
  new MutationObserver(() => {
    const output = node.querySelector(".jp-OutputArea");
    if (!output?.isConnected) return;
    const { top, bottom, height } = output.getBoundingClientRect();
    if (height > 0 && bottom > 0 && top < window.innerHeight) window.statesSeen.add(output.innerText);
  }).observe(node, { childList: true, subtree: true, characterData: true, attributes: true });
}

/** From now on, the kernel's status is looked at every 50 ms while a cell runs. */
export function sampleStatus(): void {
  window.statusSamples = [];
  setInterval(() => {
    const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
    if (!content.widgets.some(({ prompt }) => prompt === "*")) return;
    window.statusSamples.push({
      kernel: sessionContext.session.kernel.status,
      circle: document.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status,
      icon: document.querySelector("link.favicon.busy")?.rel === "icon" ? "busy" : "idle",
    });
  }, 50);
}

/** What {@link sampleStatus} has collected. */
export function statusSamples(): StatusSample[] {
  return window.statusSamples;
}

/** What {@link watch} has seen, in that order. */
export function statesSeen(): string[] {
  return [...window.statesSeen];
}

/** Whether a text like this was seen by {@link watch}. */
export function hasSeen(pattern: string): boolean {
  return [...window.statesSeen].some((text) => new RegExp(pattern).test(text));
}

/**
 * Texts of a cell's output that are hard to read: those with less contrast to what is behind them than WCAG's 4.5.
 * @returns a line for each
 */
export function faintTexts(index: number): string[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: PageElement | null): string => {
    if (!element) return "rgb(255, 255, 255)";
    const color = getComputedStyle(element).backgroundColor;
    return (channels(color)[3] ?? 1) === 0 ? behind(element.parentElement) : color;
  };
  const node = window.jupyterapp.shell.currentWidget.content.widgets[index]?.node;
  const texts = [...(node?.querySelectorAll(".jp-OutputArea-output :is(td, th, pre, div, caption)") ?? [])];
  return texts.flatMap((element) => {
    const text = element.innerText.trim();
    const { color } = getComputedStyle(element);
    const [light = 0, dark = 0] = [luminance(color), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    return text === "" || contrast >= 4.5
      ? []
      : [`${contrast.toFixed(1)}: ${color} on ${behind(element)}: ${text.slice(0, 60)}`];
  });
}
