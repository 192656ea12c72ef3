/** Comparisons as tables for the terminal. */
import { percent } from "../../lib/report/format";
import { tableText } from "../../lib/report/tables/table";
import type { Comparison } from "./compare";

const twoDecimals = (value: number): string => value.toFixed(2);
const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);

/** Speed and memory, then the losses of both sides beside each other. */
export function comparisonTables(comparisons: readonly Comparison[]): string {
  return `${speedTable(comparisons)}\n\n${lossTable(comparisons)}`;
}

function speedTable(comparisons: readonly Comparison[]): string {
  return tableText({
    caption:
      "The peer's seconds over ours (above 1 we are faster); peak memory in GB; our share of the floor; the most that other processes took of the machine",
    columns: [
      "job",
      "dropout",
      "ours",
      "peer",
      "pairs",
      "median",
      "lower quartile",
      "least–most",
      "GB ours",
      "GB peer",
      "peer ÷ ours",
      "floor",
      "others",
    ],
    rows: comparisons.map(({ job, dropout, dtype, ratio, ratios, memory, floorShare, othersShare, ...peer }) => [
      job,
      String(dropout),
      dtype,
      peerText({ job, ...peer }),
      String(ratios.length),
      twoDecimals(ratio.median),
      twoDecimals(ratio.lowerQuartile),
      `${twoDecimals(ratio.min)}–${twoDecimals(ratio.max)}`,
      gigabytes(memory.ours),
      gigabytes(memory.peer),
      twoDecimals(memory.ratio),
      percent(floorShare, 0),
      percent(othersShare, 0),
    ]),
  });
}

function lossTable(comparisons: readonly Comparison[]): string {
  const few = (losses: readonly number[]): string => losses.map((loss) => loss.toFixed(5)).join(" ");
  return tableText(
    {
      caption:
        "Losses of the first pair (of training: each step's, the first before any update); the first losses' greatest distance",
      columns: ["job", "dropout", "ours", "peer", "losses ours", "losses peer", "distance"],
      rows: comparisons.map(({ job, dropout, dtype, losses, firstLossDifference, ...peer }) => [
        job,
        String(dropout),
        dtype,
        peerText({ job, ...peer }),
        few(losses.ours),
        few(losses.peer),
        firstLossDifference.toExponential(1),
      ]),
    },
    200,
  );
}

function peerText({ job, peerDtype, peerWay }: Pick<Comparison, "job" | "peerDtype" | "peerWay">): string {
  return job === "eval" ? `${peerDtype}, ${peerWay}` : peerDtype;
}
