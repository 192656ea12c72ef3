/** Parameters of a sweep's trials, and the grid of their values. */
import { checkOptions, kindsLike, type OptionKinds } from "../process/options";
import { RUN_DEFAULTS, type RunParameters } from "../runs/parameters";

/** Parameters of runs that trials do not have. */
// biome-ignore format: short words in rows
const OF_RUNS = [
  "out", "saveSteps", "full", "offline", "resume", "tensorboard", "workers", "workerHosts", "workerTimeout",
] as const;

/** Everything that a trial's result depends on, as plain JSON. */
export type TrialParameters = Omit<RunParameters, (typeof OF_RUNS)[number]>;

/** The defaults of the notebook. */
export const TRIAL_DEFAULTS: Readonly<TrialParameters> = Object.fromEntries(
  Object.entries(RUN_DEFAULTS).filter(([name]) => !(OF_RUNS as readonly string[]).includes(name)),
) as unknown as TrialParameters;

/** The values to try of some parameters, by their names. */
export type SweepGrid = { readonly [Name in keyof TrialParameters]?: readonly TrialParameters[Name][] };

/** A point of the grid. */
export interface GridPoint {
  /** The swept parameters alone. */
  point: Partial<TrialParameters>;
  /** All parameters. */
  parameters: TrialParameters;
  /** A name for its folder, such as "rank-8_alpha-16". */
  name: string;
}

/** What a sweep tries: one of `grid` and `list`. */
export interface TrialChoice {
  /** Values by the names of parameters, such as `{ rank: [4, 8], alpha: [8, 16] }`: every combination is a trial (default none). */
  grid?: SweepGrid;
  /** Trials one by one, such as `[{ rank: 4, alpha: 8 }, { rank: 8, alpha: 8 }]` (default none). */
  list?: readonly Partial<TrialParameters>[];
  /** Trains each trial with so many seeds, from the parameter `seed` up, or with these ones (default: that one). */
  seeds?: number | readonly number[];
  /** The other parameters (default: those of the notebook). */
  parameters?: Partial<TrialParameters>;
}

/** All trials of a choice, in order. */
export function trialPoints(choice: TrialChoice): GridPoint[] {
  const { grid, list, parameters = {} } = choice;
  if ((grid === undefined) === (list === undefined)) {
    throw new RangeError(`\`grid\`, \`list\`: expected one of them, got ${grid ? "both" : "none"}.`);
  }
  return named(withSeeds(list ?? combinations(grid as SweepGrid), choice), parameters);
}

/**
 * All combinations of a grid's values, the last parameter changing fastest.
 *
 * @param shared parameters that are not in the grid
 * @throws {RangeError} the grid is empty, has unknown names, or has values whose folders would have the same name
 */
export function gridPoints(grid: SweepGrid, shared: Partial<TrialParameters> = {}): GridPoint[] {
  return named(combinations(grid), shared);
}

/** The values that the trials have, by the names of their swept parameters. */
export function gridOf(points: readonly GridPoint[]): SweepGrid {
  const names = [...new Set(points.flatMap(({ point }) => Object.keys(point)))] as (keyof TrialParameters)[];
  return Object.fromEntries(names.map((name) => [name, different(points.map(({ parameters }) => parameters[name]))]));
}

function combinations(grid: SweepGrid): Partial<TrialParameters>[] {
  const axes = Object.entries(grid) as [keyof TrialParameters, readonly unknown[]][];
  const lists = Object.fromEntries(Object.keys(TRIAL_DEFAULTS).map((name) => [name, "list"]));
  checkOptions("the sweep's grid", grid, lists as OptionKinds<SweepGrid>);
  const empty = axes.find(([, values]) => values.length === 0)?.[0];
  if (axes.length === 0 || empty !== undefined) {
    throw new RangeError(
      `\`grid\`: expected values for each parameter, got none${empty ? ` for ${empty}` : " at all"}.`,
    );
  }
  return axes.reduce<Partial<TrialParameters>[]>(
    (made, [name, values]) => made.flatMap((point) => different(values).map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** Each point once for each seed. */
function withSeeds(points: readonly Partial<TrialParameters>[], choice: TrialChoice): Partial<TrialParameters>[] {
  const { seeds, parameters = {} } = choice;
  if (seeds === undefined) return [...points];
  const first = parameters.seed ?? TRIAL_DEFAULTS.seed;
  const all =
    typeof seeds === "number"
      ? Array.from({ length: Number.isSafeInteger(seeds) ? seeds : 0 }, (_, i) => first + i)
      : [...new Set(seeds)];
  if (all.length === 0 || !all.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(
      `\`seeds\`: expected a number above 0, or whole numbers from 0, got ${JSON.stringify(seeds)}.`,
    );
  }
  if (points.some(({ seed }) => seed !== undefined)) {
    throw new RangeError("`seeds`: expected trials without a seed of their own, got some with. Leave one out.");
  }
  return points.flatMap((point) => all.map((seed) => ({ ...point, seed })));
}

/** Adds the shared parameters, and a name for the folder. */
function named(points: readonly Partial<TrialParameters>[], shared: Partial<TrialParameters>): GridPoint[] {
  const kinds = kindsLike<TrialParameters>(TRIAL_DEFAULTS);
  for (const each of [...points, shared]) checkOptions("a sweep's trials", each, kinds);
  if (points.length === 0) throw new RangeError("`list`: expected at least one trial, got none.");
  const defined = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  const trials = points.map((point) => ({
    point,
    parameters: { ...TRIAL_DEFAULTS, ...defined, ...point },
    name: folderName(point),
  }));
  checkNames(trials);
  return trials;
}

/** The distinct values; lists are compared by content. */
function different(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** @throws {RangeError} two points would share a folder */
function checkNames(points: readonly GridPoint[]): void {
  const earlier = new Map<string, GridPoint>();
  for (const point of points) {
    const other = earlier.get(point.name);
    if (other !== undefined) {
      const two = [other, point].map((each) => JSON.stringify(each.point)).join(" and ");
      const expected = "expected values whose folders have different names";
      throw new RangeError(`\`grid\`: ${expected}, got ${point.name} of ${two}. Sweep each into a folder of its own.`);
    }
    earlier.set(point.name, point);
  }
}

/** A name for a trial's folder, of its swept parameters. */
export function folderName(point: Partial<TrialParameters>): string {
  return Object.entries(point).map(folderPart).join("_") || "defaults";
}

function folderPart([name, value]: [string, unknown]): string {
  return `${name}-${[value].flat().join("+")}`.replace(/[^\w.+-]+/g, "-");
}
