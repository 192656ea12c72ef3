import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatFigure, formatNumber, formatSeconds, lengthClass, percent } from "../../lib/report/format";

test("whole numbers have separators, others fewer decimals the larger they are, tiny ones an exponent", () => {
  const shown: [number, string][] = [
    [13910, "13,910"],
    [0, "0"],
    [0.61404, "0.6140"],
    [-1.5, "-1.5000"],
    [12.3456, "12.35"],
    [123.456, "123.5"],
    [48210.7, "48,211"],
    [4.28e-5, "4.28e-5"],
    [Number.NaN, "NaN"],
  ];
  assert.deepEqual(
    shown.map(([value]) => formatNumber(value)),
    shown.map(([, text]) => text),
  );
});

test("shares are written as percent with one decimal, or with as many as are asked for", () => {
  assert.deepEqual([percent(0.6144), percent(1), percent(0)], ["61.4 %", "100.0 %", "0.0 %"]);
  assert.deepEqual([percent(0.6144, 0), percent(0.61444, 2)], ["61 %", "61.44 %"]);
});

test("bytes have three significant digits and the unit that fits", () => {
  const sizes = [0, 999, 1536, 812e6, 1.618e9, 34.36e9, 999.6e6, 99.96e9, 5e15];
  assert.deepEqual(sizes.map(formatBytes), [
    ...["0 bytes", "999 bytes", "1.54 kB", "812 MB", "1.62 GB", "34.4 GB"],
    ...["1.00 GB", "100 GB", "5000 TB"],
  ]);
});

test("seconds become minutes, and hours where there are any", () => {
  assert.deepEqual([0, 61.4, 3 * 3600 + 62].map(formatSeconds), ["0:00", "1:01", "3:01:02"]);
});

test("a figure that is null or NaN is written as not a number", () => {
  assert.deepEqual(
    [formatFigure(null), formatFigure(Number.NaN), formatFigure(0.5)],
    ["not a number", "not a number", "0.5000"],
  );
  assert.equal(
    formatFigure(0.5, (value) => value.toFixed(1)),
    "0.5",
  );
});

test("the first and the last class of lengths are open, the others have both ends", () => {
  const borders = [
    { from: 1, to: 200 },
    { from: 201, to: 400 },
    { from: 401, to: Number.POSITIVE_INFINITY },
  ];
  assert.deepEqual(borders.map(lengthClass), ["up to 200", "201 to 400", "401 and more"]);
});
