/** The options that name a model: a finished run's, or a folder's or the hub's with an adapter or without. */
import { resolve } from "node:path";
import { type Given, type Option, UsageError, words } from "../cli/command-line";
import { absolutePath, callerFolder } from "../cli/paths";

export const MODEL_OPTIONS: readonly Option[] = [
  { name: "run", kind: "text", help: "the folder of a finished run: its model with its adapter", placeholder: "DIR" },
  { name: "model", kind: "text", help: "or a model: Hugging Face id or folder", placeholder: "ID" },
  { name: "adapter", kind: "text", help: "the folder of an adapter on --model", placeholder: "DIR" },
  {
    name: "dtype",
    kind: "text",
    choices: words(["float32", "bfloat16"]),
    help: "number format of the frozen weights",
  },
  { name: "offline", kind: "flag", help: "never ask the Hugging Face hub" },
];

/** Which model is meant. */
export interface NamedModel {
  /** Folder of a finished run. */
  run?: string;
  /** Folder or id. */
  model?: string;
  /** Folder. */
  adapter?: string;
  dtype?: "float32" | "bfloat16";
  offline: boolean;
}

/** @throws {UsageError} neither a run nor a model is named, or both */
export function namedModel({ run, model, adapter, dtype, offline }: Given): NamedModel {
  if ((run === undefined) === (model === undefined)) {
    const got = run === undefined ? "neither" : "both";
    throw new UsageError(`\`--run\`, \`--model\`: expected one of them, got ${got}.`);
  }
  if (run !== undefined && adapter !== undefined) {
    throw new UsageError("`--adapter`: expected with --model, got it with --run, which has its own. Leave one out.");
  }
  const folder = (typed: unknown): string | undefined =>
    typed === undefined ? undefined : resolve(callerFolder(), String(typed));
  return {
    run: folder(run),
    model: model === undefined ? undefined : absolutePath(String(model)),
    adapter: folder(adapter),
    dtype: dtype as NamedModel["dtype"],
    offline: offline === true,
  };
}
