/** Measures the cost of a training step by tokens of a row and rows of a batch, ours and the peer's. */
import { symlinkSync } from "node:fs";
import * as path from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import { COLORS, Figure } from "../../lib/report/charts/figure";
import { tableText } from "../../lib/report/tables/table";
import type { CurveOptions } from "./options";
import { inTemporaryFolder, machineWith, prepare, runOurs, runPeer } from "./runs";
import { median, rounded } from "./statistics";

const LENGTHS = [32, 64, 128, 256, 512];
const ROWS = [4, 8];
/** Ticks of the axis of seconds. */
const SECONDS = [0.001, 0.01, 0.1, 1, 10, 100].flatMap((ten) => [1, 2, 5].map((times) => rounded(times * ten, 3)));

/** A batch shape and its costs. */
export interface CurvePoint {
  rows: number;
  /** Tokens of each row. */
  length: number;
  /** Medians over the runs, in seconds a step. */
  ours: number;
  peer: number;
  /** Every run's, in order. */
  runs: { ours: number[]; peer: number[] };
}

/** Measures all points and writes figures and picture to `out`. @returns the figures */
export async function curve(options: CurveOptions): Promise<object> {
  const machine = await machineWith(options.peer);
  const shapes = ROWS.flatMap((rows) => LENGTHS.map((length) => ({ rows, length })));
  const runs = shapes.map((shape) => ({ ...shape, runs: { ours: [] as number[], peer: [] as number[] } }));
  await inTemporaryFolder(async (folder) => {
    const inputs = await prepareShapes(options, folder, shapes);
    for (let pair = 1; pair <= options.pairs; pair++) {
      for (const [i, point] of runs.entries()) {
        const request = { ...options, job: "train" as const, inputs: inputs[i] as string };
        const ours = await runOurs(request);
        const peer = await runPeer(options.peer, request);
        point.runs.ours.push(rounded(ours.seconds / options.steps, 4));
        point.runs.peer.push(rounded(peer.seconds / options.steps, 4));
        const seconds = `ours ${point.runs.ours.at(-1)} s/step, peer ${point.runs.peer.at(-1)} s/step`;
        console.error(`pair ${pair}/${options.pairs}: ${point.rows} rows of ${point.length} tokens: ${seconds}`);
      }
    }
  });
  const points = runs.map((point) => ({ ...point, ours: median(point.runs.ours), peer: median(point.runs.peer) }));
  const { out, size, dtype, steps } = options;
  const figures = { command: "curve", machine, finished: new Date().toISOString(), size, dtype, steps, points };
  const figure = curveFigure(points, `${size} model, ${dtype}`);
  writeFileAtomic(path.join(out, "curve.json"), `${JSON.stringify(figures, null, 2)}\n`);
  writeFileAtomic(path.join(out, "cost-curve.png"), await figure.png());
  console.error(`\n${figure.text}\n\n${path.join(out, "curve.json")}\n${path.join(out, "cost-curve.png")}`);
  return figures;
}

/** Makes inputs of every shape, all with one model. @returns their folders */
async function prepareShapes(
  options: CurveOptions,
  folder: string,
  shapes: readonly { rows: number; length: number }[],
): Promise<string[]> {
  const { peer, size, steps } = options;
  const folders: string[] = [];
  for (const { rows, length } of shapes) {
    const inputs = path.join(folder, `${rows}x${length}`);
    const [first] = folders;
    const model = first === undefined ? ["--size", size] : ["--batches-only"];
    await prepare(peer, inputs, ["--rows", `${rows}`, `${length}`, "--batches", `${steps + 1}`, ...model]);
    if (first !== undefined) symlinkSync(path.join(first, "model"), path.join(inputs, "model"));
    folders.push(inputs);
  }
  return folders;
}

/** Draws seconds a step over tokens of a row, both logarithmic: slope 1 is a cost proportional to the tokens. */
export function curveFigure(points: readonly CurvePoint[], title: string): Figure {
  const line = (who: "ours" | "peer", rows: number): Record<string, unknown> => {
    const some = points.filter((point) => point.rows === rows);
    const color = who === "ours" ? COLORS.blue : COLORS.orange;
    return {
      type: "scatter",
      mode: "lines+markers",
      name: `${who === "ours" ? "this library" : "Trainer + PEFT"}, ${rows} rows`,
      x: some.map(({ length }) => length),
      y: some.map((point) => point[who]),
      line: { color, width: 2, dash: rows === ROWS[0] ? "solid" : "dash" },
      marker: { color, size: 8, symbol: who === "ours" ? "circle" : "diamond" },
    };
  };
  const axis = { gridcolor: "#e5e5e5", linecolor: "#888888", ticks: "outside", type: "log" };
  const layout = {
    title: { text: `Cost of a training step: ${title}`, x: 0.02, xanchor: "left", font: { size: 14 } },
    margin: { l: 80, r: 20, t: 50, b: 60 },
    xaxis: { ...axis, title: { text: "tokens of each row" }, tickvals: LENGTHS },
    yaxis: { ...axis, title: { text: "seconds a step" }, tickvals: SECONDS, ticktext: SECONDS.map(String) },
  };
  const text = tableText({
    caption: `Seconds a training step: ${title}`,
    columns: ["rows", "tokens a row", "ours", "peer", "peer ÷ ours"],
    rows: points.map(({ rows, length, ours, peer }) => [
      String(rows),
      String(length),
      ours.toFixed(3),
      peer.toFixed(3),
      (peer / ours).toFixed(2),
    ]),
  });
  const data = ROWS.flatMap((rows) => [line("ours", rows), line("peer", rows)]);
  return new Figure({ plotly: { data, layout }, text, height: 420 });
}
