/** Progress of a sweep, and a heatmap of its results. */

import { FIGURE_NAMES } from "../../ethics/parts";
import { checkOptions } from "../../process/options";
import { folderName, type GridPoint } from "../../sweep/parameters";
import type { SweepResult, SweepSetting, SweepTrial } from "../../sweep/result";
import type { SweepListener, TrialBegin } from "../../sweep/sweep";
import type { TrainerCallback, TrainerEvent } from "../../train/callbacks";
import type { Figure } from "../charts/figure";
import { heatmap } from "../charts/heatmap";
import { formatSeconds, percent } from "../format";
import { recordsTable, type Table } from "../tables/table";
import { Stopwatch } from "./facts";
import { openOutput, Painter, type ProgressOutput } from "./output";
import type { ProgressView } from "./view";

function named(point: object): string {
  return Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** Rows of the table while the sweep runs. */
const MOST_ROWS = 20;

/** Shows the progress of a sweep in one place: trials with the time left, the current training, and the growing table. */
export class SweepProgress implements SweepListener {
  readonly #open: () => ProgressOutput;
  #painter: Painter | undefined;
  #view: ProgressView = { title: "", facts: [] };
  #soFar: (() => SweepResult) | undefined;
  #watch: Stopwatch | undefined;
  #begun = { done: 0, total: 0 };
  /** Trials in other processes, with the share of their steps that is done. */
  #running = new Map<string, number>();

  /** @param open opens an output, once for each sweep */
  constructor(open: () => ProgressOutput = openOutput) {
    this.#open = open;
  }

  onSweepBegin(banner: string): void {
    this.#painter = undefined;
    this.#view = { title: "", notes: banner.split("\n"), facts: [] };
    this.#soFar = undefined;
    this.#watch = undefined;
    this.#running.clear();
  }

  onTrialBegin({ point, done, total }: TrialBegin): void {
    this.#painter ??= new Painter(this.#open());
    this.#begun = { done, total };
    this.#view.title = `Sweep: ${named(point)}`;
    this.#view.trials ??= { done, total };
    this.#draw();
  }

  onTrialProgress({ name }: GridPoint, share: number): void {
    this.#watch ??= new Stopwatch(this.#begun.done);
    this.#running.set(name, share);
    const { done, total } = this.#begun;
    const shares = [...this.#running.values()];
    this.#view.trials = this.#watch.count(done + shares.reduce((sum, value) => sum + value, 0), total);
    this.#view.facts = [`${shares.length} running`];
    this.#draw();
  }

  onNote(text: string): void {
    this.#view.facts = text === "" ? [] : [text];
    this.#draw();
  }

  onTrialEnd({ point }: SweepTrial, earlier: boolean, soFar: () => SweepResult): void {
    this.#soFar = soFar;
    this.#running.delete(folderName(point));
    this.#begun.done++;
    const { done, total } = this.#begun;
    if (!earlier && this.#watch) this.#view.trials = this.#watch.count(done, total);
    else this.#view.trials = { done, total };
    delete this.#view.steps;
    this.#draw({ now: !earlier });
  }

  onSweepEnd(result: SweepResult): void {
    this.#soFar = undefined;
    if (result.rows.length > 0) this.#view.table = { ...recordsTable(result.rows), caption: result.notes.join("\n") };
    this.#view.title = result.stopped ? "Sweep stopped: the same sweep goes on from here" : "Sweep done";
    this.#view.facts = [formatSeconds(this.#watch?.seconds() ?? 0)];
    delete this.#view.steps;
    delete this.#view.rows;
    this.#draw({ now: true, last: true });
  }

  /** Follows each training and evaluation. */
  readonly trainer: TrainerCallback = {
    onTrainBegin: ({ state }: TrainerEvent) => {
      // The estimate starts at the first trial that trains: earlier results are read in no time.
      this.#watch ??= new Stopwatch(this.#begun.done + state.globalStep / Math.max(1, state.maxSteps));
    },
    onStepEnd: ({ state }: TrainerEvent) => {
      const { done, total } = this.#begun;
      const share = state.globalStep / Math.max(1, state.maxSteps);
      if (this.#watch) this.#view.trials = this.#watch.count(done + share, total);
      this.#view.steps = { done: state.globalStep, total: state.maxSteps };
      this.#draw();
    },
    onPredictionStep: ({ prediction }: TrainerEvent) => {
      if (!prediction) return;
      if (prediction.done < prediction.total) this.#view.rows = { ...prediction };
      else delete this.#view.rows;
      this.#draw();
    },
  };

  #draw(when: { now?: boolean; last?: boolean } = {}): void {
    const view = (): ProgressView => {
      const soFar = this.#soFar?.();
      return soFar ? { ...this.#view, table: growingTable(soFar) } : this.#view;
    };
    this.#painter?.draw(view, when);
  }
}

/** The table of a sweep that runs: the best settings first. */
function growingTable({ settings, metric, trialSeconds }: SweepResult): Table {
  const own = metric === "accuracy" || metric === "loss" ? [] : [metric];
  const columns = ["accuracy", ...own, "loss"] as const;
  const seeded = settings.some(({ trials }) => trials.length > 1);
  return {
    columns: [...Object.keys(settings[0]?.point ?? {}), ...columns, ...(seeded ? [`${metric} ±`, "seeds"] : [])],
    rows: settings
      .slice(0, MOST_ROWS)
      .map((setting) => [
        ...Object.values(setting.point),
        ...columns.map((name) => setting.mean(name)),
        ...(seeded ? [setting.spread(metric), setting.trials.length] : []),
      ]),
    caption: `${Math.round(trialSeconds)} trial-seconds`,
  };
}

/**
 * Draws the metric of a sweep over two of its parameters, as a mean over seeds where there are several; where several
 * settings share a cell, the best of them.
 *
 * @param axes.x parameter of the columns (default: the grid's last)
 * @param axes.y parameter of the rows (default: the grid's first)
 * @throws {RangeError} the sweep has no such parameter
 */
export function sweepHeatmap(result: SweepResult, axes: { x?: string; y?: string } = {}): Figure {
  checkOptions("sweepHeatmap", axes, { x: "string", y: "string" });
  const { best, metric, settings, isSeeded } = result;
  const grid = result.grid as Record<string, readonly unknown[] | undefined>;
  const names = Object.keys(grid).filter((name) => !(isSeeded && name === "seed"));
  const { x = names.at(-1) as string, y = names[0] as string } = axes;
  for (const name of [x, y]) {
    if (!names.includes(name)) throw new RangeError(`\`${name}\`: expected one of the sweep's ${names.join(", ")}.`);
  }
  const one = x === y;
  const columns = grid[x] ?? [];
  const rows = one ? [undefined] : (grid[y] ?? []);
  const at = (point: object, name: string, value: unknown): boolean =>
    JSON.stringify((point as Record<string, unknown>)[name]) === JSON.stringify(value);
  const shown = rows.map((row) =>
    columns.map((column) => settings.find(({ point }) => at(point, x, column) && (one || at(point, y, row)))),
  );
  const name = metric === "accuracy" ? "Accuracy" : metric === "loss" ? "Loss" : FIGURE_NAMES[metric];
  const title = one ? `${name} over ${x}` : `${name} over ${y} and ${x}`;
  const figure = (value: number): string => (metric === "loss" ? value.toFixed(3) : percent(value));
  const cell = (setting: SweepSetting | undefined): string => {
    if (!setting) return "";
    const spread = setting.spread(metric);
    return `${figure(setting.mean(metric))}${spread === undefined ? "" : ` ± ${figure(spread)}`}`;
  };
  return heatmap({
    title,
    x: { title: x, labels: columns.map(String) },
    y: one ? { title: "", labels: [""] } : { title: y, labels: rows.map(String) },
    values: shown.map((row) => row.map((setting) => setting?.mean(metric))),
    cells: shown.map((row) => row.map(cell)),
    text: best
      ? `${title}\nbest: ${named(settings[0]?.point ?? {})} with ${cell(settings[0])}, ${result.trials.length} trials`
      : "No trial was finished.",
    width: Math.max(360, 180 + 110 * columns.length),
    height: Math.max(220, 150 + 80 * rows.length),
  });
}
