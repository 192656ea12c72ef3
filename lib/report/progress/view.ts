/** State of a progress display, as HTML and as text. */
import type { LiveCurve } from "../charts/live-curve";
import { barHtml, escapeHtml, formatNumber, formatSeconds } from "../format";
import { type Table, tableHtml, tableText } from "../tables/table";

/** A count in progress. */
export interface Count {
  done: number;
  total: number;
  /** Estimate of the seconds left, from the second item on. */
  secondsLeft?: number;
}

/** State of a progress display. */
export interface ProgressView {
  title: string;
  /** Lines below the title. */
  notes?: string[];
  trials?: Count;
  steps?: Count;
  /** Rows of an evaluation. */
  rows?: Count;
  /** Current figures, such as loss, learning rate and tokens per second. */
  facts: string[];
  table?: Table;
  curve?: LiveCurve;
}

/** The counts of a view with their names, outermost first. */
function countsOf({ trials, steps, rows }: ProgressView): { count: Count; text: string }[] {
  const counts = [["trial", trials] as const, ["step", steps] as const, ["row", rows] as const];
  return counts.flatMap(([name, count]) => (count ? [{ count, text: countText(name, count) }] : []));
}

function countText(name: string, count: Count): string {
  const share = count.total > 0 ? Math.floor((100 * count.done) / count.total) : 0;
  const left =
    count.done < count.total && count.secondsLeft !== undefined ? `, ${formatSeconds(count.secondsLeft)} left` : "";
  return `${name} ${formatNumber(Math.floor(count.done))} of ${formatNumber(count.total)} (${share} %${left})`;
}

/**
 * The view as HTML that untrusted notebooks show too.
 * @param picture an element below the table
 */
export function progressHtml(view: ProgressView, picture = ""): string {
  const { title, notes = [], facts, table } = view;
  const line = (content: string): string => `<div style="margin:2px 0">${content}</div>`;
  const parts = [line(`<b>${escapeHtml(title)}</b>`), ...notes.map((note) => line(escapeHtml(note)))];
  for (const { count, text } of countsOf(view)) {
    parts.push(line(`${barHtml(count.done, { max: Math.max(1, count.total), width: 260, title: text })} ${text}`));
  }
  if (facts.length > 0) parts.push(line(escapeHtml(facts.join(" · "))));
  if (table) parts.push(tableHtml(table));
  if (picture !== "") parts.push(line(picture));
  return parts.join("\n");
}

/** The view as one line of text, for a terminal. */
export function progressLine(view: ProgressView): string {
  const counts = countsOf(view).map(({ text }) => text);
  return [view.title, ...counts, ...view.facts].filter(Boolean).join(" · ");
}

/** The view's table as text; empty without one. */
export function resultsText({ table }: ProgressView): string {
  return table ? tableText(table) : "";
}
