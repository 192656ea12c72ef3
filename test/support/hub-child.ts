/** Resolves the model that is named first, with the settings of its environment; tells when a download's bytes come. */
import { resolveModel } from "../../lib/hub/resolve";

const [id = ""] = process.argv.slice(2);
let told = false;
resolveModel(id, {
  parts: ["weights"],
  onProgress: () => {
    if (!told) process.stdout.write("began\n");
    told = true;
  },
}).then(
  (folder) => process.stdout.write(`${folder}\n`),
  (error: Error) => {
    process.stdout.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  },
);
