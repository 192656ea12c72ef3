import type { LiveCurve } from "./live-curve";
import { tableHtml, tableText } from "./tables";

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
  /** Training steps. */
  steps?: Count;
  /** Rows of an evaluation. */
  rows?: Count;
  /** Facts of the moment: loss, learning rate, tokens a second. */
  facts: string[];
  results: ResultRow[];
  /** The losses of a training so far. */
  curve?: LiveCurve;
}

/** Seconds as m:ss or h:mm:ss. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function countText(name: string, count: Count): string {
  const share = count.total > 0 ? Math.floor((100 * count.done) / count.total) : 0;
  const left =
    count.done < count.total && count.secondsLeft !== undefined ? `, ${formatSeconds(count.secondsLeft)} left` : "";
  return `${name} ${count.done.toLocaleString("en-US")} of ${count.total.toLocaleString("en-US")} (${share} %${left})`;
}

function bar(count: Count): string {
  return `<progress value="${count.done}" max="${Math.max(1, count.total)}" style="width:260px"></progress>`;
}

function resultsTable(results: ResultRow[]): { columns: string[]; rows: unknown[][] } {
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
  const parts = [line(`<b>${view.title}</b>`)];
  if (view.steps) parts.push(line(`${bar(view.steps)} ${countText("step", view.steps)}`));
  if (view.rows) parts.push(line(`${bar(view.rows)} ${countText("row", view.rows)}`));
  if (view.facts.length > 0) parts.push(line(view.facts.join(" · ")));
  if (view.results.length > 0) parts.push(tableHtml(resultsTable(view.results)));
  if (picture !== "") parts.push(line(picture));
  return parts.join("\n");
}

/** Bytes as people read them. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** The view as one line of text, for a terminal. */
export function progressLine(view: ProgressView): string {
  const counts = [view.steps && countText("step", view.steps), view.rows && countText("row", view.rows)];
  return [view.title, ...counts.filter((text) => text !== undefined), ...view.facts].join(" · ");
}

/** The results table as text. */
export function resultsText(results: ResultRow[]): string {
  return tableText(resultsTable(results));
}
