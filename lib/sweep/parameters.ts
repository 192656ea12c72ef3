/** Parameters of a sweep's trials, and the grid of their values. */
import { RUN_DEFAULTS, type RunParameters } from "../runs/parameters";

/** Parameters of runs that trials do not have. */
const OF_RUNS = ["out", "saveSteps", "full", "offline", "resume", "tensorboard"] as const;

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

/**
 * All combinations of a grid's values, the last parameter changing fastest.
 *
 * @param shared parameters that are not in the grid
 * @throws {RangeError} the grid is empty, has unknown names, or has values whose folders would have the same name
 */
export function gridPoints(grid: SweepGrid, shared: Partial<TrialParameters> = {}): GridPoint[] {
  const known = Object.keys(TRIAL_DEFAULTS);
  const unknown = [...Object.keys(grid), ...Object.keys(shared)].find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`\`${unknown}\`: expected one of ${known.join(", ")}.`);
  const axes = Object.entries(grid) as [keyof TrialParameters, readonly unknown[]][];
  const empty = axes.find(([, values]) => values.length === 0)?.[0];
  if (axes.length === 0 || empty !== undefined) {
    throw new RangeError(
      `\`grid\`: expected values for each parameter, got none${empty ? ` for ${empty}` : " at all"}.`,
    );
  }
  const defined = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  const points = axes.reduce<Partial<TrialParameters>[]>(
    (made, [name, values]) => made.flatMap((point) => different(values).map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
  const named = points.map((point) => ({
    point,
    parameters: { ...TRIAL_DEFAULTS, ...defined, ...point },
    name: Object.entries(point).map(folderPart).join("_"),
  }));
  checkNames(named);
  return named;
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

function folderPart([name, value]: [string, unknown]): string {
  return `${name}-${[value].flat().join("+")}`.replace(/[^\w.+-]+/g, "-");
}
