/** `npm run test:browser`: the notebook in JupyterLab, as a person uses it, in a Chromium without a window. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { timed } from "./checks/sources.mjs";
import { inProject } from "./setup/project.mjs";
import { refuseOptions, runMain, SetupError } from "./setup/setup-error.mjs";
import { filesUnder } from "./setup/stamps.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  refuseOptions("npm run test:browser", process.argv.slice(2));
  process.env.CHROMIUM = chromium();
  await setUp();
  const files = filesUnder(inProject("test", "browser")).filter((file) => file.endsWith(".browser.ts"));
  return timed("browser test", ["--import", "tsx", "--test", "--test-concurrency=1", "--test-reporter=spec", ...files]);
});

/** The browser that `CHROMIUM` names, or the first on the PATH. */
function chromium() {
  const named = process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const found = named
    ? [named].find(isProgram)
    : names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new SetupError(
    `${named ? `\`CHROMIUM=${named}\`: expected` : "The browser test needs"} a Chromium or Chrome, got none. ` +
      "Install one (`apt-get install chromium`), or name it: `CHROMIUM=/path/to/chrome npm run test:browser`.",
  );
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
