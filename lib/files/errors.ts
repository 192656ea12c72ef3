/** A file that does not hold what it should: the message names the file, what was expected, what was found and the remedy. */
export class FileFormatError extends Error {
  override name = "FileFormatError";

  /**
   * @param path the file at fault
   * @param problem "`thing`: expected …, got …."
   */
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
  }
}
