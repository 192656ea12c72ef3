import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type LiveCurve,
  liveCurveImage,
  liveCurveSvg,
  liveCurveText,
  niceTicks,
} from "../../../lib/report/charts/live-curve";
import { type Colour, colourOf, contrast } from "../../support/contrast";

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

test("axis ticks are round numbers, the first below and the last above all values", () => {
  assert.deepEqual(niceTicks(0, 0.9), [0, 0.5, 1]);
  assert.deepEqual(niceTicks(0, 750, 6), [0, 200, 400, 600, 800]);
  assert.deepEqual(niceTicks(3, 3).length > 1, true);
});

test("a falling loss is a line that goes down from left to right", () => {
  const svg = liveCurveSvg(curveOf(5));
  const [loss = []] = linesOf(svg);
  assert.equal(loss.length, 5);
  for (const [i, [x = 0, y = 0]] of loss.entries()) {
    const [left = 0, top = 0] = loss[i - 1] ?? [0, 0];
    assert.ok(x > left && y > top);
  }
});

test("a line of many points is thinned and keeps its last one", () => {
  const [all = []] = linesOf(liveCurveSvg(curveOf(10)));
  const [thin = []] = linesOf(liveCurveSvg(curveOf(10_000)));
  assert.ok(thin.length > 200 && thin.length <= 280, `${thin.length} points`);
  assert.equal(thin.at(-1)?.[0], all.at(-1)?.[0]);
});

test("a loss that is not a number is left out of the picture", () => {
  const curve = curveOf(4);
  curve.loss[1] = { step: 2, value: Number.NaN };
  const svg = liveCurveSvg(curve);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.equal(linesOf(svg)[0]?.length, 3);
});

test("the picture has paper of its own, light or dark by the reader's setting, with enough contrast on both", () => {
  const svg = liveCurveSvg(curveOf(5));
  assert.match(svg, /<rect class="paper" width="100%" height="100%"\/>/);
  const [light = "", dark = ""] =
    /<style>(.*)<\/style>/s.exec(svg)?.[1]?.split("@media (prefers-color-scheme: dark)") ?? [];
  for (const style of [light, dark]) {
    const colour = (name: string): Colour =>
      colourOf(new RegExp(`${name} \\{ (?:fill|stroke): (#\\w{6})`).exec(style)?.[1] ?? "");
    assert.ok(contrast(colour("text"), colour(".paper")) >= 4.5);
    for (const name of ["\\.logged", "\\.smoothed", "\\.evaluation"]) {
      const ratio = contrast(colour(name), colour("\\.paper"));
      assert.ok(ratio >= 3, `${name}: ${ratio}`);
    }
  }
});

test("a reader who does not see the picture is told how far the loss has come", () => {
  assert.equal(
    liveCurveText(curveOf(4)),
    "Loss over 4 training steps: smoothed 1 at step 1, 0.2500 at step 4; 0.2500 in the evaluation after step 4",
  );
  const empty = { maxSteps: 20, loss: [], smoothed: [], evaluations: [] };
  assert.equal(liveCurveText(empty), "Loss over 20 training steps: none logged yet");
});

test("the curve is one image element, which a notebook that is not trusted shows too", () => {
  const html = liveCurveImage(curveOf(3));
  const source = /^<img width="\d+" height="\d+" alt="[^"]+" src="data:image\/svg\+xml;base64,([^"]+)">$/.exec(
    html,
  )?.[1];
  assert.match(Buffer.from(source ?? "", "base64").toString(), /^<svg xmlns=/);
});
