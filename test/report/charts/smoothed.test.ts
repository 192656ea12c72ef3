import assert from "node:assert/strict";
import { test } from "node:test";
import { Smoothed } from "../../../lib/report/charts/smoothed";

test("the first value is taken as it is, and a constant stays", () => {
  const smoothed = new Smoothed();
  for (let i = 0; i < 20; i++) assert.ok(Math.abs(smoothed.add(3) - 3) < 1e-12);
});

test("the mean follows a jump slowly, and reaches the new value in the end", () => {
  const smoothed = new Smoothed();
  for (let i = 0; i < 50; i++) smoothed.add(0);
  assert.ok(Math.abs(smoothed.add(1) - 0.2) < 1e-4);
  for (let i = 0; i < 50; i++) smoothed.add(1);
  assert.ok(smoothed.add(1) > 0.9999);
});

test("a value that is not a number leaves the mean as it was", () => {
  const smoothed = new Smoothed();
  const [first, second] = [smoothed.add(2), smoothed.add(Number.NaN)];
  assert.deepEqual([first, second], [2, 2]);
});
