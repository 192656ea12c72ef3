/** The package's own package.json: the project's, without what only notebooks, tests and set-up in the project need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inProject, paths } from "../setup/project.mjs";

/** Tables and pictures need them; who wants those installs them. */
const OPTIONAL = ["danfojs-node", "plotly.js-dist", "jsdom", "@resvg/resvg-js", "dejavu-fonts-ttf"];

/** The notebook's kernel, and TensorFlow, which is packed. */
const LEFT_OUT = ["tslab", "@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu"];

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

export function manifest() {
  const project = read(inProject("package.json"));
  const tfjs = read(join(paths.tfjs, "package.json"));
  const { name, version, description, license, main, types, engines } = project;
  const pick = (/** @type {Record<string, string>} */ from, /** @type {string[]} */ names) =>
    Object.fromEntries(names.map((one) => [one, from[one]]));
  const needed = Object.keys(project.dependencies).filter((one) => ![...OPTIONAL, ...LEFT_OUT].includes(one));
  return {
    ...{ name, version, description, license, main, types, engines, exports: project.exports },
    bin: { "ethics-for-robots": "scripts/package/main.mjs" },
    dependencies: {
      ...pick(project.dependencies, needed),
      "@tensorflow/tfjs-node": tfjs.version,
      ...pick(tfjs.dependencies, ["@tensorflow/tfjs", "google-protobuf", "progress", "rimraf"]),
    },
    // Its own install script asks another host than npm's, so its files travel inside.
    bundleDependencies: ["@tensorflow/tfjs-node"],
    peerDependencies: pick(project.dependencies, OPTIONAL),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((one) => [one, { optional: true }])),
  };
}
