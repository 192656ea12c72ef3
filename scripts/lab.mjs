import { passThrough } from "./setup/child.mjs";
import { paths, root } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { setUp } from "./setup.mjs";

// JupyterLab of the project's own environment, with the notebook open. Further arguments go to JupyterLab
// (`npm run lab -- --no-browser --port 8899`).
await runMain(async () => {
  await setUp();
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
  const lab = ["-m", "jupyterlab", `--ServerApp.root_dir=${root}`, "notebooks/ethics.ipynb", ...asRoot];
  return passThrough(paths.python, [...lab, ...process.argv.slice(2)]);
});
