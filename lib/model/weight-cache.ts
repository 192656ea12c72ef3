/** Shares weights between the models of one folder; a model that changes a weight gets its own copy. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../tensor/tensorflow";
import { livingParameters, Parameter } from "./parameters";
import type { LoadedParameters } from "./weights";

/** Weights that were read from a folder. */
interface Loaded extends LoadedParameters {
  key: string;
  /** TensorFlow's data of each weight as it was read, to detect changes. */
  data: ReadonlyMap<string, object>;
}

/** Most recent first; entries whose models were disposed of are dropped. */
let loaded: Loaded[] = [];
/** Weights that no model uses, kept by {@link freeModels}. */
let kept: Loaded | undefined;

/**
 * The weights of a folder: those of a model that was loaded from it before, else read from its files.
 *
 * @param settings what else the weights depend on
 */
export async function sharedWeights(
  folder: string,
  settings: object,
  read: () => Promise<LoadedParameters>,
): Promise<LoadedParameters> {
  const key = keyOf(folder, settings);
  const earlier = [...loaded, ...(kept ? [kept] : [])].find((entry) => entry.key === key && isWhole(entry));
  if (earlier === undefined) dropKept();
  const result = earlier ? copyOf(earlier) : await read();
  loaded = [noted(key, result), ...loaded.filter(isWhole)];
  dropKept();
  return result;
}

/**
 * Frees every model and adapter of this process; none of them can be used afterwards. The weights that were read last stay
 * in memory, for the next `fromPretrained` of the same folder.
 */
export function freeModels(): void {
  const last = loaded.find(isWhole);
  const before = new Set(livingParameters());
  if (last !== undefined) {
    const copy = copyOf(last);
    dropKept();
    kept = noted(last.key, copy);
  }
  const staying = new Set(kept?.parameters.values());
  for (const parameter of before) if (!staying.has(parameter)) parameter.dispose();
  loaded = [];
}

function noted(key: string, { parameters, newLayers }: LoadedParameters): Loaded {
  const data = new Map([...parameters].map(([name, { value }]) => [name, value.dataId]));
  return { key, parameters, newLayers, data };
}

function dropKept(): void {
  for (const parameter of kept?.parameters.values() ?? []) parameter.dispose();
  kept = undefined;
}

/** Whether no weight was disposed of or changed. */
function isWhole({ parameters, data }: Loaded): boolean {
  return [...parameters].every(([name, { value }]) => !value.isDisposed && value.dataId === data.get(name));
}

/** Frozen parameters with the same data. */
function copyOf({ parameters, newLayers }: LoadedParameters): LoadedParameters {
  const copies = [...parameters.values()].map(({ name, value }) => new Parameter(name, value.clone() as Tensor, false));
  return { parameters: new Map(copies.map((copy) => [copy.name, copy])), newLayers };
}

/** Cache key of a folder, which changes with any of its files. */
function keyOf(folder: string, settings: object): string {
  const place = realpathSync(folder);
  const files = readdirSync(place)
    .filter((name) => /\.(json|safetensors|bin)$/.test(name))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(place, name));
      return [name, size, mtimeMs];
    });
  return JSON.stringify([place, files, settings]);
}
