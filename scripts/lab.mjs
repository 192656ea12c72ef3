/**
 * `npm run lab`: JupyterLab of the project's own environment, with the notebook open. Further arguments go to JupyterLab
 * (`npm run lab -- --no-browser --port 8899`); a root_dir among them takes the place of the project's.
 */
import { passThrough } from "./setup/child.mjs";
import { paths, root } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  await setUp();
  const given = process.argv.slice(2);
  const elsewhere = given.some((argument) => argument.startsWith("--ServerApp.root_dir="));
  const here = elsewhere ? [] : [`--ServerApp.root_dir=${root}`, "notebooks/ethics.ipynb"];
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
  return passThrough(paths.python, ["-m", "jupyterlab", "--LabApp.news_url=None", ...here, ...asRoot, ...given]);
});
