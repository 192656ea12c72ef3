/** Progress of a sweep, and a heatmap of its results. */
import type { SweepListener, SweepResult, SweepTrial, TrialBegin } from "../../sweep/sweep";
import type { TrainerCallback, TrainerEvent } from "../../train/callbacks";
import type { Figure } from "../charts/figure";
import { heatmap } from "../charts/heatmap";
import { formatSeconds, percent } from "../format";
import { recordsTable } from "../tables/table";
import { Stopwatch } from "./facts";
import { openOutput, Painter, type ProgressOutput } from "./output";
import type { ProgressView } from "./view";

function named(point: object): string {
  return Object.entries(point)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** Shows the progress of a sweep in one place: trials with the time left, the current training, and the growing table. */
export class SweepProgress implements SweepListener {
  readonly #open: () => ProgressOutput;
  #painter: Painter | undefined;
  #view: ProgressView = { title: "", facts: [] };
  #trials: SweepTrial[] = [];
  #watch: Stopwatch | undefined;
  #begun = { done: 0, total: 0 };
  #notes: string[] = [];

  /** @param open opens an output, once for each sweep */
  constructor(open: () => ProgressOutput = openOutput) {
    this.#open = open;
  }

  onSweepBegin(banner: string): void {
    this.#notes = banner.split("\n");
  }

  onTrialBegin({ point, done, total }: TrialBegin): void {
    if (done === 0) {
      this.#painter = new Painter(this.#open());
      this.#view = { title: "", notes: this.#notes, facts: [] };
      this.#trials = [];
      this.#watch = undefined;
    }
    this.#begun = { done, total };
    this.#view.title = `Sweep: ${named(point)}`;
    this.#view.trials ??= { done, total };
    this.#draw();
  }

  onTrialEnd(trial: SweepTrial, earlier: boolean): void {
    this.#trials.push(trial);
    const done = this.#begun.done + 1;
    if (!earlier && this.#watch) this.#view.trials = this.#watch.count(done, this.#begun.total);
    else this.#view.trials = { done, total: this.#begun.total };
    delete this.#view.steps;
    this.#view.table = this.#table();
    this.#draw({ now: !earlier });
  }

  onSweepEnd({ stopped, rows }: SweepResult): void {
    if (rows.length > 0) this.#view.table = recordsTable(rows);
    this.#view.title = stopped ? "Sweep stopped: the same sweep goes on from here" : "Sweep done";
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

  #table(): NonNullable<ProgressView["table"]> {
    const best = [...this.#trials].sort((a, b) => b.metrics.final.accuracy - a.metrics.final.accuracy);
    return {
      columns: [...Object.keys(best[0]?.point ?? {}), "accuracy", "loss"],
      rows: best.map(({ point, metrics: { final } }) => [...Object.values(point), final.accuracy, final.loss]),
    };
  }

  #draw(when: { now?: boolean; last?: boolean } = {}): void {
    this.#painter?.draw(() => this.#view, when);
  }
}

/**
 * Draws the accuracy of a sweep's trials over two of its parameters; where several share a cell, the best of them.
 *
 * @param axes.x parameter of the columns (default: the grid's last)
 * @param axes.y parameter of the rows (default: the grid's first)
 * @throws {RangeError} the sweep has no such parameter
 */
export function sweepHeatmap(result: SweepResult, axes: { x?: string; y?: string } = {}): Figure {
  const names = Object.keys(result.grid);
  const { x = names.at(-1) as string, y = names[0] as string } = axes;
  const grid = result.grid as Record<string, readonly unknown[] | undefined>;
  for (const name of [x, y]) {
    if (!grid[name]) throw new RangeError(`\`${name}\`: expected one of the sweep's ${names.join(", ")}.`);
  }
  const one = x === y;
  const columns = grid[x] ?? [];
  const rows = one ? [undefined] : (grid[y] ?? []);
  const at = (point: object, name: string, value: unknown): boolean =>
    JSON.stringify((point as Record<string, unknown>)[name]) === JSON.stringify(value);
  const values = rows.map((row) =>
    columns.map((column) => {
      const here = result.trials.filter(({ point }) => at(point, x, column) && (one || at(point, y, row)));
      return here.length === 0 ? undefined : Math.max(...here.map(({ metrics }) => metrics.final.accuracy));
    }),
  );
  const { best } = result;
  const title = one ? `Accuracy over ${x}` : `Accuracy over ${y} and ${x}`;
  return heatmap({
    title,
    x: { title: x, labels: columns.map(String) },
    y: one ? { title: "", labels: [""] } : { title: y, labels: rows.map(String) },
    values,
    cells: values.map((row) => row.map((value) => (value === undefined ? "" : percent(value)))),
    text: best
      ? `${title}\nbest: ${named(best.point)} with ${percent(best.metrics.final.accuracy)}, ${result.trials.length} trials`
      : "No trial was finished.",
    width: Math.max(360, 180 + 110 * columns.length),
    height: Math.max(220, 150 + 80 * rows.length),
  });
}
