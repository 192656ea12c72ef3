import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { afterEach, beforeEach, test } from "node:test";
import { beforeAfterBars } from "../../../lib/report/charts/bars";
import { Display, inNotebook } from "../../../lib/report/tables/display";
import { show } from "../../../lib/report/tables/show";

interface Message {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient: { display_id: string };
  update: boolean;
}

const cache = createRequire(__filename).cache;
const kernel = "/kernel/node_modules/tslab/dist/jupyter.js";
let sent: Message[] = [];

/** A kernel's module as tslab leaves it in the cache while a cell runs. */
beforeEach(() => {
  sent = [];
  const lastWriteDisplayData = (message: Omit<Message, "update">, update: boolean): void => {
    sent.push({ ...message, update });
  };
  cache[kernel] = { exports: { lastWriteDisplayData } } as unknown as NodeJS.Module;
});
afterEach(() => {
  delete cache[kernel];
});

test("a display is written once and then updated in its place", () => {
  assert.ok(inNotebook());
  const display = new Display();
  display.write({ "text/html": "1" });
  display.write({ "text/html": "2" });
  new Display().write({ "text/html": "3" });
  assert.deepEqual(
    sent.map(({ update }) => update),
    [false, true, false],
  );
  assert.equal(sent[0]?.transient.display_id, sent[1]?.transient.display_id);
  assert.notEqual(sent[0]?.transient.display_id, sent[2]?.transient.display_id);
});

test("rows are shown as one message with a table and its text", async () => {
  await show([{ label: 1, input: "I waited." }], { caption: "one row" });
  assert.deepEqual(Object.keys(sent[0]?.data ?? {}), ["text/html", "text/plain"]);
  assert.match(String(sent[0]?.data["text/html"]), /one row.*<table>.*I waited\./s);
});

test("a figure is shown as one message with all its forms and the size of its picture", async () => {
  await show(beforeAfterBars([{ split: "test", before: 0.5, after: 1 }]));
  assert.deepEqual(Object.keys(sent[0]?.data ?? {}), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  const alt = "Accuracy before and after training; test: 50.0 % before, 100.0 % after";
  assert.deepEqual(sent[0]?.metadata, { "image/png": { width: 640, height: 380, alt } });
});

test("outside a notebook the text is printed", (t) => {
  delete cache[kernel];
  const log = t.mock.method(console, "log", () => undefined);
  assert.equal(inNotebook(), false);
  new Display().write({ "text/html": "<b>1</b>", "text/plain": "one" });
  assert.deepEqual(log.mock.calls[0]?.arguments, ["one"]);
});
