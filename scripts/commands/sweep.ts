/** `sweep`: trains once for each combination of a grid. */
import { join, resolve } from "node:path";
import { isPackage } from "../../lib/process/state";
import { datasetOptionsFor } from "../../lib/runs/data";
import type { LocalOptions } from "../../lib/sweep/engines/local";
import type { RayOptions } from "../../lib/sweep/engines/ray/coordinator";
import { SWEEP_METRICS, type SweepMetric } from "../../lib/sweep/metric";
import {
  type GridPoint,
  type SweepGrid,
  TRIAL_DEFAULTS,
  type TrialParameters,
  trialPoints,
} from "../../lib/sweep/parameters";
import { checkBeforehand } from "../cli/check-data";
import { type Command, typedAs } from "../cli/command";
import { flagOf, type Given, helpLine, type Option, parse, readValue, UsageError, words } from "../cli/command-line";
import { COMMAND_OPTIONS, OPTIONS } from "../cli/options";
import { callerFolder, withAbsolutePaths } from "../cli/paths";

/** A clone has its runs in one place. */
const HOME = isPackage ? callerFolder() : resolve(__dirname, "../..");

const GRID: Option = {
  name: "grid",
  kind: "text",
  repeats: true,
  placeholder: "NAME=A,B,C",
  expects: "a parameter and its values, such as rank=4,8,16",
  help: "values to try of a parameter, such as rank=4,8,16; of a list with + inside: query+value,query",
};

const count = { kind: "integer", expects: "a whole number above 0", allowed: (n: number): boolean => n > 0 } as const;

/** What a sweep does with its trials, and where. */
const SWEEP_OPTIONS: readonly Option[] = [
  { ...count, name: "seeds", help: "train each combination with so many seeds, from --seed up: mean ± spread" },
  {
    name: "metric",
    kind: "text",
    choices: words(SWEEP_METRICS),
    help: "what trials are ranked by",
    initial: "accuracy",
  },
  { name: "engine", kind: "text", choices: words(["local", "ray"]), help: "where trials run", initial: "local" },
  { ...count, name: "parallel", help: "trials at a time, each in a process of its own", initial: 1 },
  { ...count, name: "threads", help: "threads of a trial (default: the cores, shared out)" },
];

/** Options of `--engine ray`; see docs/scale.md. */
const RAY_OPTIONS: readonly Option[] = [
  { name: "address", kind: "text", placeholder: "URL", help: "the head's dashboard, such as http://HEAD:8265" },
  { name: "storage", kind: "text", placeholder: "DIR", help: "a folder that all nodes share under the same path" },
  { ...count, name: "cpus", help: "processors and threads of a trial", initial: 1 },
  { name: "gpus", kind: "number", help: "graphics cards of a trial", initial: 0, allowed: (n) => n >= 0 },
  { name: "tokenFile", kind: "text", placeholder: "FILE", help: "file with the cluster's token" },
  { name: "project", kind: "text", placeholder: "DIR", help: "where this project lies on every node, set up" },
  { ...count, name: "jobs", help: "jobs at a time at most" },
];

const HELP = `${typedAs("sweep")} --grid NAME=VALUE,VALUE [--grid …] [options]     train once for each combination

${[GRID, ...SWEEP_OPTIONS].map(helpLine).join("\n")}
 with --engine ray:
${RAY_OPTIONS.map(helpLine).join("\n")}
  --out DIR               the sweep's folder; a sweep that was stopped or killed goes on in it [runs/sweep]
  --overwrite             replace earlier trials of other parameters, each when its turn comes
  --full                  the original's model on a processor with all rows, however long that takes

and the parameters that all trials share, with the meaning that they have for npm start:
  ${Object.keys(TRIAL_DEFAULTS).concat("offline").map(flagOf).join(" ")}`;

/** A sweep as it was typed. */
export interface SweepCommand {
  grid: SweepGrid;
  /** The parameters that were given. */
  parameters: Partial<TrialParameters>;
  seeds?: number;
  metric?: SweepMetric;
  engine: LocalOptions | RayOptions;
  out: string;
  offline: boolean;
  overwrite: boolean;
  full: boolean;
  help: boolean;
}

/** The values of `--grid NAME=A,B`, each read as `--name` reads it. */
function readAxis(typed: string): [name: string, values: unknown[]] {
  const [, written = "", list = ""] = /^([^=]+)=(.+)$/.exec(typed) ?? [];
  const name = written.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (list === "") throw new UsageError(`\`--grid\`: expected ${GRID.expects}, got "${typed}".`);
  const swept = OPTIONS.filter((option) => option.name in TRIAL_DEFAULTS && option.kind !== "flag");
  const option = swept.find((option) => option.name === name);
  if (!option) {
    const allowed = swept.map(({ name }) => flagOf(name).slice(2)).join(", ");
    throw new UsageError(`\`--grid\`: expected one of ${allowed}, got "${written}".`);
  }
  const values = list.split(",").map((value) => (option.kind === "list" ? value.replaceAll("+", ",") : value.trim()));
  return [name, values.map((value) => readValue(option, value))];
}

/**
 * Reads the engine and its options.
 * @throws {UsageError} an option of the other engine, or Ray without its address or storage
 */
function readEngine(given: Given): { engine: LocalOptions | RayOptions; rest: Given } {
  const {
    engine = "local",
    parallel,
    threads,
    address,
    storage,
    cpus,
    gpus,
    tokenFile,
    project,
    jobs,
    ...rest
  } = given;
  const ofLocal = { parallel, threads };
  const ofRay = { address, storage, cpus, gpus, tokenFile, project, jobs };
  const other = Object.entries(engine === "ray" ? ofLocal : ofRay).find(([, value]) => value !== undefined)?.[0];
  if (other) throw new UsageError(`\`${flagOf(other)}\`: expected an option of --engine ${engine}, got another's.`);
  if (engine === "local") return { engine: { name: "local", ...pick(ofLocal) }, rest };
  if (address === undefined || storage === undefined) {
    throw new UsageError("`--address`, `--storage`: expected both with --engine ray, got none. See docs/scale.md.");
  }
  const [folder, file] = [storage, tokenFile].map((place) => place && resolve(callerFolder(), String(place)));
  return { engine: { name: "ray", ...pick({ ...ofRay, storage: folder, tokenFile: file }) }, rest };
}

/** What was given of these. */
function pick<T extends object>(values: T): { [Name in keyof T]: never } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]: never };
}

/**
 * Reads the command line.
 * @throws {UsageError} an unknown option, a missing or a bad value
 */
export function parseSweep(args: readonly string[]): SweepCommand {
  const given = parse(args, [GRID, ...SWEEP_OPTIONS, ...RAY_OPTIONS, ...OPTIONS, ...COMMAND_OPTIONS]);
  const { grid = [], out, offline, overwrite, full, help, seeds, metric, ...rest } = given;
  const { engine, rest: parameters } = readEngine(rest);
  const axes = (grid as string[]).map(readAxis);
  for (const name of Object.keys(parameters)) {
    if (!(name in TRIAL_DEFAULTS)) {
      throw new UsageError(`\`${flagOf(name)}\`: expected an option of a sweep, got one of npm start. See --help.`);
    }
    if (axes.some(([axis]) => axis === name)) {
      throw new UsageError(`\`${flagOf(name)}\`: expected once, got it beside --grid ${name}.`);
    }
  }
  if (axes.length === 0 && !help) throw new UsageError("`--grid`: expected at least one, such as --grid rank=4,8,16.");
  return {
    grid: Object.fromEntries(axes),
    parameters: parameters as Partial<TrialParameters>,
    ...pick({ seeds, metric }),
    engine,
    out: typeof out === "string" ? resolve(callerFolder(), out) : join(HOME, "runs", "sweep"),
    offline: offline === true,
    overwrite: overwrite === true,
    full: full === true,
    help: help === true,
  };
}

/** Checks the data of each trial; those that differ in their training alone have the same. */
async function checkTrials(points: readonly GridPoint[], offline: boolean): Promise<void> {
  const distinct = new Map(
    points.map(({ parameters }) => {
      const { model, dataset, trainSplit, evalSplit, swapLabels, newHead } = parameters;
      const ofData = [model, dataset, trainSplit, evalSplit, swapLabels, newHead, datasetOptionsFor(parameters)];
      return [JSON.stringify(ofData), parameters];
    }),
  );
  for (const parameters of distinct.values()) await checkBeforehand({ ...parameters, offline });
}

/** All rows of the original take hours on a processor, for every trial. */
export function isSmall({ parameters, full, grid }: SweepCommand): boolean {
  const limited = (name: "trainLimit" | "evalLimit"): boolean => Boolean(parameters[name] ?? grid[name]?.length);
  return parameters.demo || full || (limited("trainLimit") && limited("evalLimit"));
}

export const sweepGrid: Command = {
  name: "sweep",
  title: "train once for each combination of a grid",
  options: [],
  async main(args) {
    const read = parseSweep(args);
    if (read.help) {
      console.log(HELP);
      return 0;
    }
    const parameters = withAbsolutePaths(read.parameters);
    await checkTrials(trialPoints({ ...read, parameters }), read.offline);
    const { runSweep } = require("./sweep-grid") as typeof import("./sweep-grid");
    return runSweep({ ...read, parameters });
  },
};
