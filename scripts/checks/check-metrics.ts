/** Checks the figures of a demo run: `node --import tsx scripts/checks/check-metrics.ts [metrics.json]`. */
import { readFileSync } from "node:fs";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";

/**
 * Finds missing keys, numbers that are not finite and accuracies out of bounds in the figures of a demo run.
 * @param metrics the parsed `metrics.json`
 * @returns a line for each problem
 */
export function problemsOf(metrics: RunMetrics): string[] {
  const lacking = [...missingMetrics({ ...metrics }), ...nullsIn(metrics)];
  if (lacking.length > 0) return lacking.map((key) => `\`${key}\`: expected a value, got none.`);
  const { demo, baseline, final, validation } = metrics;
  const wanted: [holds: boolean, problem: string][] = [
    [demo, "`demo`: expected true, got false."],
    [isBetween(baseline.accuracy, 0.5, 0.75), `\`baseline.accuracy\`: expected 0.5 to 0.75, got ${baseline.accuracy}.`],
    [
      final.accuracy - baseline.accuracy >= 0.15,
      `\`final.accuracy\`: expected 0.15 above ${baseline.accuracy}, got ${final.accuracy}.`,
    ],
    [Number(validation.after) >= 0.88, `\`validation.after\`: expected 0.88 or more, got ${validation.after}.`],
  ];
  return wanted.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** Paths of nulls, each of which was a number that is not finite. */
function nullsIn(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    if (part === null) return [path + key];
    return typeof part === "object" ? nullsIn(part, `${path}${key}.`) : [];
  });
}

const isBetween = (value: number, low: number, high: number): boolean => value >= low && value <= high;

if (require.main === module) {
  const file = process.argv[2] ?? "metrics.json";
  const metrics = JSON.parse(readFileSync(file, "utf8")) as RunMetrics;
  const problems = problemsOf(metrics);
  if (problems.length > 0) {
    console.error(`${file}:\n${problems.join("\n")}`);
    process.exitCode = 1;
  } else {
    const { baseline, final, validation } = metrics;
    console.log(
      `Accuracy ${baseline.accuracy} → ${final.accuracy}, on validation ${validation.before} → ${validation.after}.`,
    );
  }
}
