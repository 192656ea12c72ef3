/** A figure of a log or of metrics.json in words: JSON has `null` where a figure is not a number, or without end. */
export function figureText(figure: number | null, form: (figure: number) => string): string {
  return figure == null ? "not a number" : form(figure);
}
