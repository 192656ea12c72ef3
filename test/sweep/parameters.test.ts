import assert from "node:assert/strict";
import { test } from "node:test";
import { gridPoints, type SweepGrid, TRIAL_DEFAULTS } from "../../lib/sweep/parameters";
import { OPTIONS } from "../../scripts/cli/options";

test("every combination is a point, the last parameter changing fastest, with a name for its folder", () => {
  const points = gridPoints({ rank: [4, 8], alpha: [8, 16, 32] });
  assert.deepEqual(
    points.map(({ name }) => name),
    ["rank-4_alpha-8", "rank-4_alpha-16", "rank-4_alpha-32", "rank-8_alpha-8", "rank-8_alpha-16", "rank-8_alpha-32"],
  );
  assert.deepEqual(points[1]?.point, { rank: 4, alpha: 16 });
});

test("parameters outside the grid are shared, or have the notebook's defaults", () => {
  const [point] = gridPoints({ rank: [2] }, { epochs: 3, seed: undefined as unknown as number });
  assert.deepEqual(point?.parameters, { ...TRIAL_DEFAULTS, rank: 2, epochs: 3 });
});

test("the defaults are those of the notebook's parameters", () => {
  const initial = Object.fromEntries(OPTIONS.map((option) => [option.name, option.initial]));
  for (const [name, value] of Object.entries(TRIAL_DEFAULTS)) assert.deepEqual(initial[name], value, name);
});

test("repeated values are one trial, and lists and fractions give valid folder names", () => {
  const names = gridPoints({ dropout: [0.1, 0.1], targetModules: [["query", "value"]], model: ["a/b c"] });
  assert.deepEqual(
    names.map(({ name }) => name),
    ["dropout-0.1_targetModules-query+value_model-a-b-c"],
  );
});

test("values whose folders would have the same name are refused, and equal lists are one value", () => {
  assert.throws(() => gridPoints({ rank: [4], model: ["a/b", "a-b"] }), {
    name: "RangeError",
    message:
      '`grid`: expected values whose folders have different names, got rank-4_model-a-b of {"rank":4,"model":"a/b"} and {"rank":4,"model":"a-b"}. Sweep each into a folder of its own.',
  });
  assert.throws(() => gridPoints({ targetModules: [["query", "value"], ["query+value"]] }), /got targetModules-query/);
  assert.equal(gridPoints({ targetModules: [["query"], ["query"]] }).length, 1);
});

test("an empty grid, an empty axis and unknown names are refused", () => {
  assert.throws(() => gridPoints({}), /`grid`: expected values for each parameter, got none at all/);
  assert.throws(() => gridPoints({ rank: [] }), /got none for rank/);
  assert.throws(() => gridPoints({ ranks: [4] } as SweepGrid), /`ranks`: expected an option .*Did you mean `rank`\?/);
  assert.throws(() => gridPoints({ rank: [4] }, { out: "x" } as object), /`out`: expected an option/);
});
