import type { LiveCurve } from "../charts/live-curve";
import { barHtml, escapeHtml, formatNumber, formatSeconds } from "../format";
import { type Table, tableHtml, tableText } from "../tables/table";

/** One line of the results table. */
export interface ResultRow {
  /** Epochs done, or none for an evaluation outside training. */
  epoch?: number;
  trainingLoss?: number;
  validationLoss?: number;
  accuracy?: number;
}

/** A count under way. */
export interface Count {
  done: number;
  total: number;
  /** Seconds left, when it can be told. */
  secondsLeft?: number;
}

/** What a progress display shows at one moment. */
export interface ProgressView {
  /** What runs, in a word. */
  title: string;
  /** What a person should know beforehand, a line each. */
  notes?: string[];
  /** Trials of a sweep. */
  trials?: Count;
  /** Training steps. */
  steps?: Count;
  /** Rows of an evaluation. */
  rows?: Count;
  /** Facts of the moment: loss, learning rate, tokens a second. */
  facts: string[];
  results: ResultRow[];
  /** A table in the place of the results'. */
  table?: Table;
  /** The losses of a training so far. */
  curve?: LiveCurve;
}

function countText(name: string, count: Count): string {
  const share = count.total > 0 ? Math.floor((100 * count.done) / count.total) : 0;
  const left =
    count.done < count.total && count.secondsLeft !== undefined ? `, ${formatSeconds(count.secondsLeft)} left` : "";
  return `${name} ${formatNumber(Math.floor(count.done))} of ${formatNumber(count.total)} (${share} %${left})`;
}

function countHtml(name: string, count: Count): string {
  const text = countText(name, count);
  return `${barHtml(count.done, { max: Math.max(1, count.total), width: 260, title: text })} ${text}`;
}

function tableOf({ table, results }: ProgressView): Table | undefined {
  if (table ?? results.length === 0) return table;
  const training = results.some((row) => row.epoch !== undefined);
  return {
    columns: [...(training ? ["Epoch", "Training Loss"] : []), "Validation Loss", "Accuracy"],
    rows: results.map((row) => [...(training ? [row.epoch, row.trainingLoss] : []), row.validationLoss, row.accuracy]),
  };
}

/**
 * The view as HTML that also shows in a notebook which is not trusted.
 * @param picture an element that is put below the table
 */
export function progressHtml(view: ProgressView, picture = ""): string {
  const line = (content: string): string => `<div style="margin:2px 0">${content}</div>`;
  const parts = [line(`<b>${escapeHtml(view.title)}</b>`), ...(view.notes ?? []).map((note) => line(escapeHtml(note)))];
  if (view.trials) parts.push(line(countHtml("trial", view.trials)));
  if (view.steps) parts.push(line(countHtml("step", view.steps)));
  if (view.rows) parts.push(line(countHtml("row", view.rows)));
  if (view.facts.length > 0) parts.push(line(escapeHtml(view.facts.join(" · "))));
  const table = tableOf(view);
  if (table) parts.push(tableHtml(table));
  if (picture !== "") parts.push(line(picture));
  return parts.join("\n");
}

/** The view as one line of text, for a terminal. */
export function progressLine(view: ProgressView): string {
  const counts = [
    view.trials && countText("trial", view.trials),
    view.steps && countText("step", view.steps),
    view.rows && countText("row", view.rows),
  ];
  return [view.title, ...counts, ...view.facts].filter(Boolean).join(" · ");
}

/** The view's table as text; empty as long as there is none. */
export function resultsText(view: ProgressView): string {
  const table = tableOf(view);
  return table ? tableText(table) : "";
}
