/** A file that does not hold what it should: the message names the file, what was expected, what was found and the remedy. */
export class FileFormatError extends Error {
  override name = "FileFormatError";

  /**
   * @param path the file at fault
   * @param problem "`thing`: expected …, got …."
   */
  constructor(path: string, problem: string) {
    super(`${path}: ${shortened(problem)}`);
  }
}

const [MOST_LINES, HEAD, TAIL] = [40, 400, 200];

/** Without what a hostile file could make of a message: megabytes of one value, lines without end, control characters. */
export function shortened(text: string): string {
  const lines = text.split("\n", MOST_LINES).map((line) => {
    const cut = line.length <= HEAD + TAIL + 10 ? line : `${line.slice(0, HEAD)} … ${line.slice(-TAIL)}`;
    return cut.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
  });
  return lines.join("\n");
}
