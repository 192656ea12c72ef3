/** Packages that only tables and pictures need: who wants neither need not install them. */

/**
 * Loads what may not be installed.
 * @param packages what to install where it is missing
 * @throws with the command that installs them
 */
export function optional<T>(packages: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const [what = ""] = (error as Error).message.split("\n");
    throw new Error(`\`${packages}\`: expected to be installed, got: ${what}. Run \`npm install ${packages}\`.`, {
      cause: error,
    });
  }
}
