/** Formats numbers, shares, times and bytes for people, and text for HTML. */

/** Escapes the characters that HTML gives a meaning. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c,
  );
}

/** A bar, as HTML that untrusted notebooks show too. @param options.title its text for tooltips and screen readers */
export function barHtml(value: number, options: { max?: number; width: number; title: string }): string {
  const { max = 1, width, title } = options;
  return `<progress value="${value}" max="${max}" title="${escapeHtml(title)}" style="width:${width}px;vertical-align:middle"></progress>`;
}

/** Whole numbers with separators, others with fewer decimals the larger they are, tiny ones with an exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  if (size < 1e-3) return value.toExponential(2);
  const digits = size < 10 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A figure of log.jsonl or metrics.json, where `null` stands for one that is not finite. */
export function formatFigure(figure: number | null, form: (figure: number) => string = formatNumber): string {
  return figure === null || Number.isNaN(figure) ? "not a number" : form(figure);
}

/** A share as a percentage. */
export function percent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** Seconds as m:ss or h:mm:ss. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Bytes with three significant digits, in decimal units. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [size, unit] = [bytes, 0];
  // A size that would be rounded up to 1000 becomes 1 of the next unit.
  for (; Math.abs(size) >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)} ${units[unit]}`;
}

/** A range of lengths in words, such as "up to 200", "201 to 400" or "401 and more". */
export function lengthClass({ from, to }: { from: number; to: number }): string {
  if (!Number.isFinite(to)) return `${from} and more`;
  return from <= 1 ? `up to ${to}` : `${from} to ${to}`;
}
