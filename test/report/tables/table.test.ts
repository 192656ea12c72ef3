import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset, DatasetDict } from "../../../lib/data/dataset";
import { toDataFrame } from "../../../lib/data/frame";
import { tableOf } from "../../../lib/report/tables/show";
import { tableHtml, tableText } from "../../../lib/report/tables/table";

test("texts in a table are escaped, and a long one is cut and has a tooltip with the whole", () => {
  const long = `<b>"quoted" & 'bold'</b> ${"x".repeat(200)}`;
  const html = tableHtml({ columns: ["input"], rows: [[long]] });
  assert.ok(!html.includes("<b>"));
  assert.match(html, /title="&lt;b&gt;&quot;quoted&quot; &amp; &#39;bold&#39;&lt;\/b&gt; x{200}"/);
  assert.match(html, />&lt;b&gt;[^<]*…<\/td>/);
});

test("numbers are aligned to the right and texts to the left", () => {
  const html = tableHtml({ columns: ["label", "input"], rows: [[1, "I waited."]], index: [0] });
  assert.match(html, /<th scope="col">label<\/th><th scope="col" style="text-align:left">input<\/th>/);
  assert.match(html, /<tr><td><\/td>.*<tr><th scope="row">0<\/th>/);
  assert.match(html, /<td>1<\/td><td style="text-align:left;/);
});

test("a rounded number has a tooltip with all digits, and bytes have a unit", () => {
  const table = tableOf({ cores: 1024, accuracy: 0.6140350877192983, memoryBytes: 1_618_000_000, loss: 0.25 });
  assert.ok(table);
  const html = tableHtml(table);
  assert.match(html, />cores<\/td><td>1,024<\/td>/);
  assert.match(html, />accuracy<\/td><td title="0\.6140350877192983">0\.6140<\/td>/);
  assert.match(html, />memoryBytes<\/td><td title="1618000000">1\.62 GB<\/td>/);
  assert.match(html, />loss<\/td><td>0\.2500<\/td>/);
  assert.match(tableText(table), /^memoryBytes +1\.62 GB$/m);
  const rows = tableOf([{ split: "test", rssBytes: 812e6 }]);
  assert.match(tableHtml(rows ?? { columns: [], rows: [] }), /<td title="812000000">812 MB<\/td>/);
});

test("numbers in a list are rounded like others, but ids keep to plain digits", () => {
  const text = tableText({
    columns: ["probabilities", "ids"],
    rows: [
      [
        [0.0681234, 0.9318766],
        [13910, 2],
      ],
    ],
  });
  assert.match(text, /\[0\.0681, 0\.9319\] +\[13910, 2\]$/);
});

test("a long list in a cell is shortened", () => {
  const text = tableText({ columns: ["inputIds"], rows: [[Array.from({ length: 40 }, (_, i) => i)]] });
  assert.match(text, /\[0, 1, 2, .*11, … 40 in all\]/);
});

test("a table as text has aligned columns", () => {
  const text = tableText({
    columns: ["split", "rows"],
    rows: [
      ["train", 13910],
      ["test", 3964],
    ],
  });
  assert.equal(text, "split    rows\n-----  ------\ntrain  13,910\ntest    3,964");
});

test("datasets, splits, DataFrames, rows and records are shown as tables", () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({ label: i % 2, input: `text ${i}` }));
  const dataset = Dataset.fromRows(rows);
  const splits = DatasetDict.from([
    ["train", dataset],
    ["test", dataset],
  ]);
  assert.equal(tableOf(dataset)?.caption, "first 5 of 8 rows");
  assert.deepEqual(tableOf(dataset, { rows: 1 })?.rows, [[0, "text 0"]]);
  assert.deepEqual(tableOf(splits)?.rows, [
    ["train", 8, "label, input"],
    ["test", 8, "label, input"],
  ]);
  assert.deepEqual(tableOf(toDataFrame(rows).head(2))?.rows, [
    [0, "text 0"],
    [1, "text 1"],
  ]);
  assert.deepEqual(tableOf([{ a: 1 }, { b: 2 }])?.columns, ["a", "b"]);
  assert.deepEqual(tableOf({ cores: 2 })?.rows, [["cores", 2]]);
  assert.equal(tableOf("text"), undefined);
});
