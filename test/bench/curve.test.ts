import assert from "node:assert/strict";
import { test } from "node:test";
import { type CurvePoint, curveFigure } from "../../scripts/bench/curve";

test("the curve's picture has a line for each side and number of rows, and its text every point", async () => {
  const points: CurvePoint[] = [4, 8].flatMap((rows) =>
    [32, 512].map((length) => ({ rows, length, ours: 1, peer: rows / 2, runs: { ours: [1], peer: [rows / 2] } })),
  );
  const figure = curveFigure(points, "tiny model");
  assert.deepEqual(
    figure.plotly.data.map(({ name, x, y }) => [name, x, y]),
    [
      ["this library, 4 rows", [32, 512], [1, 1]],
      ["Trainer + PEFT, 4 rows", [32, 512], [2, 2]],
      ["this library, 8 rows", [32, 512], [1, 1]],
      ["Trainer + PEFT, 8 rows", [32, 512], [4, 4]],
    ],
  );
  assert.match(figure.text, /8 +512 +1\.000 +4\.000 +4\.00/);
  const png = await figure.png();
  assert.deepEqual(
    [...png.slice(1, 4)],
    [..."PNG"].map((letter) => letter.charCodeAt(0)),
  );
});
