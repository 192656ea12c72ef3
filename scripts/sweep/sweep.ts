/** `npm run sweep`: trains once for each combination of a grid. */
import { join, resolve } from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import {
  type GridPoint,
  gridPoints,
  type SweepGrid,
  TRIAL_DEFAULTS,
  type TrialParameters,
} from "../../lib/sweep/parameters";
import { checkBeforehand } from "../cli/check-data";
import { flagOf, helpLine, type Option, parse, readValue, UsageError } from "../cli/command-line";
import { COMMAND_OPTIONS, OPTIONS } from "../cli/options";
import { callerFolder, shownPath, withAbsolutePaths } from "../cli/paths";
import { runCommand } from "../cli/run-command";

const ROOT = resolve(__dirname, "../..");

const GRID: Option = {
  name: "grid",
  kind: "text",
  repeats: true,
  placeholder: "NAME=A,B,C",
  expects: "a parameter and its values, such as rank=4,8,16",
  help: "values to try of a parameter, such as rank=4,8,16; of a list with + inside: query+value,query",
};

const HELP = `npm run sweep -- --grid NAME=VALUE,VALUE [--grid …] [options]     train once for each combination

${helpLine(GRID)}
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
 * Reads the command line.
 * @throws {UsageError} an unknown option, a missing or a bad value
 */
export function parseSweep(args: readonly string[]): SweepCommand {
  const given = parse(args, [GRID, ...OPTIONS, ...COMMAND_OPTIONS]);
  const { grid = [], out, offline, overwrite, full, help, ...parameters } = given;
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
    out: typeof out === "string" ? resolve(callerFolder(), out) : join(ROOT, "runs", "sweep"),
    offline: offline === true,
    overwrite: overwrite === true,
    full: full === true,
    help: help === true,
  };
}

/** Parameters that have no part in what data and model are. */
const OF_TRAINING: readonly string[] = [
  "rank",
  "alpha",
  "dropout",
  "targetModules",
  "epochs",
  "batchSize",
  "learningRate",
];

/** Checks the data of each trial; those that differ in their training alone have the same. */
async function checkTrials(points: readonly GridPoint[], offline: boolean): Promise<void> {
  const distinct = new Map(
    points.map(({ parameters }) => {
      const ofData = Object.entries(parameters).filter(([name]) => !OF_TRAINING.includes(name));
      return [JSON.stringify(ofData), parameters];
    }),
  );
  for (const parameters of distinct.values()) await checkBeforehand({ ...parameters, offline });
}

/** All rows of the original take hours on a processor, for every trial. */
function checkSize({ parameters, full, grid }: SweepCommand): void {
  const limited = (name: "trainLimit" | "evalLimit"): boolean => Boolean(parameters[name] ?? grid[name]?.length);
  if (parameters.demo || full || (limited("trainLimit") && limited("evalLimit"))) return;
  const { deviceInfo } = require("../../lib/tensor/device") as typeof import("../../lib/tensor/device");
  if (deviceInfo().device === "gpu") return;
  throw new UsageError(
    "`--train-limit`, `--eval-limit`: expected both on a processor, got none. --demo sweeps on the demo, --full takes all rows.",
  );
}

/**
 * `npm run sweep`.
 * @returns the exit code: 0, 2 for a mistake in what was typed, 130 when stopped
 */
export async function main(args: readonly string[]): Promise<number> {
  const command = parseSweep(args);
  if (command.help) {
    console.log(HELP);
    return 0;
  }
  const { grid, out, offline, overwrite } = command;
  const parameters = withAbsolutePaths(command.parameters);
  const points = gridPoints(grid, parameters);
  // What is refused is refused before TensorFlow is loaded, which takes seconds.
  await checkTrials(points, offline);
  checkSize(command);
  const { sweep } = require("../../lib/sweep/sweep") as typeof import("../../lib/sweep/sweep");
  const { SweepProgress, sweepHeatmap } =
    require("../../lib/report/progress/sweep-progress") as typeof import("../../lib/report/progress/sweep-progress");
  console.log(`${points.length} trials in ${out}`);
  const result = await sweep({ grid, out, parameters, offline, overwrite, listener: new SweepProgress() });
  if (result.stopped) {
    console.error("Stopped. The same command goes on from here.");
    return 130;
  }
  const figure = sweepHeatmap(result);
  writeFileAtomic(join(out, "heatmap.png"), await figure.png());
  console.log(
    `\n${figure.text}\n\n  ${shownPath(join(out, "heatmap.png"))}\n  ${shownPath(result.best?.folder ?? out)}`,
  );
  return 0;
}

if (require.main === module) runCommand(main);
