/** Finds which linear layers of a model get an adapter's matrices, and which modules are trained whole. */
import type { SequenceClassifier } from "../model/classifier";
import { Linear, type LinearSlot } from "../model/linear";
import type { LoraConfig, LoraOptions } from "./config";
import { pythonRegex } from "./python-regex";

/** A config applied to one model. */
export interface Places {
  /** The config with its targets named. */
  config: LoraConfig;
  /** Linear layers that get the two matrices, in the model's order. */
  adapted: LinearSlot[];
  /** Names of the parameters that are trained whole. */
  saved: string[];
}

/**
 * Finds an adapter's places in a model.
 *
 * @throws no layer matches the config, or one that cannot be adapted does
 */
export function findPlaces(model: SequenceClassifier, given: LoraConfig): Places {
  const config = given.targetModules === undefined ? given.with({ targetModules: model.family.defaultTargets }) : given;
  const paths = modulePaths(model);
  const targets = paths.filter((path) => config.targets(path) && (!config.allLinear || model.linears.has(path)));
  const other = targets.find((path) => !model.linears.has(path));
  if (other !== undefined) {
    throw new Error(`\`targetModules\`: expected linear layers, got also \`${other}\`. Name the layers inside it.`);
  }
  // "classifier" in modulesToSave excludes no "pre_classifier" from the targets, but trains it: PEFT has the same conflict.
  const whole = paths.filter((path) => config.saves(path));
  const inside = (path: string): boolean => whole.some((module) => path === module || path.startsWith(`${module}.`));
  const both = targets.find(inside);
  if (both !== undefined) {
    throw new Error(
      `\`${both}\`: expected it in \`targetModules\` or in \`modulesToSave\`, got it in both. Name the target modules one by one.`,
    );
  }
  const adapted = targets.map((path) => model.linears.get(path) as LinearSlot);
  if (adapted.length === 0) throw new Error(noTarget(model, config));
  const saved = [...model.parameters.keys()].filter((name) => inside(withoutLast(name)));
  for (const { path, layer } of model.linears.values()) {
    if (layer instanceof Linear && layer.weight === model.parameters.get(`${path}.weight`)) continue;
    throw new Error(`\`${path}\`: expected a layer without an adapter. Call unload() or mergeAndUnload() first.`);
  }
  return { config: config.allLinear ? config.with({ targetModules: targets }) : config, adapted, saved };
}

/** Paths of all modules that hold parameters, in the model's order: each before those inside it. */
function modulePaths(model: SequenceClassifier): string[] {
  const paths = new Set<string>();
  for (const name of model.parameters.keys()) {
    const parts = withoutLast(name).split(".");
    for (let i = 1; i <= parts.length; i++) paths.add(parts.slice(0, i).join("."));
  }
  return [...paths];
}

function withoutLast(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}

function noTarget(model: SequenceClassifier, config: LoraConfig): string {
  const names = [...new Set([...model.linears.keys()].map((path) => path.replace(/^.*layer\.\d+\./, "")))];
  const got = [config.targetModules ?? []].flat().join(", ");
  const layers =
    config.layersToTransform === undefined ? "" : ` in layers ${[config.layersToTransform].flat().join(", ")}`;
  return `\`targetModules\`: expected names at the end of ${names.join(", ")}; got ${got}${layers}.`;
}

/**
 * The config in a form that PEFT 0.10 and today's read alike. Both take whole paths; 0.10 also adapts layers inside
 * modules that are trained whole, and looks for a layer's rank and alpha under one and the same key.
 */
export function portableConfig(config: LoraConfig, adapted: readonly string[], all: Iterable<string>): LoraConfig {
  const changes: LoraOptions = {};
  if ([...all].some((path) => config.names(path) && !adapted.includes(path))) {
    Object.assign(changes, { targetModules: adapted, layersToTransform: undefined, layersPattern: undefined });
  }
  if (adapted.some((path) => differsInOldReleases(config, path))) {
    const byPath = (value: (path: string) => number): Record<string, number> =>
      Object.fromEntries(adapted.map((path) => [path, value(path)]));
    Object.assign(changes, {
      rankPattern: byPath((path) => config.rankOf(path)),
      alphaPattern: byPath((path) => config.alphaOf(path)),
    });
  }
  return Object.keys(changes).length === 0 ? config : config.with(changes);
}

/** Whether PEFT 0.10 gives a layer another rank or alpha: it takes both by the first key that fits, of ranks, then alphas. */
function differsInOldReleases(config: LoraConfig, path: string): boolean {
  const { rankPattern, alphaPattern, r, loraAlpha } = config;
  const keys = [...Object.keys(rankPattern), ...Object.keys(alphaPattern)];
  const key = keys.find((key) => pythonRegex(key, (body) => `^(?:.*\\.${body}$)`).test(path)) ?? path;
  return (rankPattern[key] ?? r) !== config.rankOf(path) || (alphaPattern[key] ?? loraAlpha) !== config.alphaOf(path);
}
