import assert from "node:assert/strict";
import { test } from "node:test";
import { type LiveCurve, liveCurveImage, liveCurveSvg, niceTicks } from "../../../lib/report/charts/live-curve";

function curveOf(points: number): LiveCurve {
  const loss = Array.from({ length: points }, (_, i) => ({ step: i + 1, value: 1 / (i + 1) }));
  return { maxSteps: points, loss, smoothed: loss, evaluations: [{ step: points, value: 0.25 }] };
}

/** The points of each line of a picture. */
function linesOf(svg: string): number[][][] {
  return [...svg.matchAll(/points="([^"]*)"/g)].map(([, list = ""]) =>
    list.split(" ").map((point) => point.split(",").map(Number)),
  );
}

test("ticks are round numbers that reach around the values", () => {
  assert.deepEqual(niceTicks(0, 0.9), [0, 0.5, 1]);
  assert.deepEqual(niceTicks(0, 750, 6), [0, 200, 400, 600, 800]);
  assert.deepEqual(niceTicks(3, 3).length > 1, true);
});

test("a falling loss is a line that goes down from left to right, on white paper", () => {
  const svg = liveCurveSvg(curveOf(5));
  const [loss = []] = linesOf(svg);
  assert.equal(loss.length, 5);
  for (const [i, [x = 0, y = 0]] of loss.entries()) {
    const [left = 0, top = 0] = loss[i - 1] ?? [0, 0];
    assert.ok(x > left && y > top);
  }
  assert.match(svg, /<rect width="100%" height="100%" fill="#ffffff"\/>/);
});

test("a line of many points is thinned and keeps its last one", () => {
  const [all = []] = linesOf(liveCurveSvg(curveOf(10)));
  const [thin = []] = linesOf(liveCurveSvg(curveOf(10_000)));
  assert.ok(thin.length > 200 && thin.length <= 280, `${thin.length} points`);
  assert.equal(thin.at(-1)?.[0], all.at(-1)?.[0]);
});

test("a loss that is no number leaves a picture with the others", () => {
  const curve = curveOf(4);
  curve.loss[1] = { step: 2, value: Number.NaN };
  const svg = liveCurveSvg(curve);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.equal(linesOf(svg)[0]?.length, 3);
});

test("the element needs nothing but an image", () => {
  const html = liveCurveImage(curveOf(3));
  const source = /^<img width="\d+" height="\d+" alt="[^"]+" src="data:image\/svg\+xml;base64,([^"]+)">$/.exec(
    html,
  )?.[1];
  assert.match(Buffer.from(source ?? "", "base64").toString(), /^<svg xmlns=/);
});
