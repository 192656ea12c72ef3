import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attribution } from "../../../lib/evaluate/attribution";
import { answerRows, attributionHtml, attributionText, isAttribution } from "../../../lib/report/tables/answers";
import { tableOf } from "../../../lib/report/tables/show";
import { tableHtml, tableText } from "../../../lib/report/tables/table";
import { blended, colourOf, contrast, PAGES } from "../../support/contrast";

function attributionOf(tokens: [text: string, score: number, special?: boolean][]): Attribution {
  return {
    text: "",
    label: "NEGATIVE",
    probability: 0.875,
    tokens: tokens.map(([text, score, special = false]) => ({ text, score, special })),
  };
}

/** The words of the coloured line, with their colours. */
function coloured(html: string): [word: string, colour: string][] {
  const line = html.split("\n")[1] ?? "";
  return [...line.matchAll(/background-color:(rgba\([^)]*\))[^>]*>([^<]*)</g)].map(([, colour = "", word = ""]) => [
    word,
    colour,
  ]);
}

test("each answer has its label and a bar with its probability", () => {
  const answer = { label: "POSITIVE", score: 0.932, probabilities: [0.068, 0.932] };
  const table = tableOf(answerRows(["I <b>waited</b>."], { ethics: [answer] }));
  assert.ok(table);
  const html = tableHtml(table);
  assert.match(html, /<th scope="col" style="text-align:left">ethics<\/th><th scope="col">ethics: how sure<\/th>/);
  assert.match(html, /I &lt;b&gt;waited.*<progress value="0\.932" max="1"[^>]*><\/progress> 93\.2 %<\/td>/);
  assert.match(tableText(table), /POSITIVE\s+93\.2 %$/);
});

test("words are blue for the answer and orange against it, the strongest the most", () => {
  const html = attributionHtml(
    attributionOf([
      ["<s>", 9, true],
      ["I", -0.1],
      [" robbed", 0.4],
      [" her", 0],
      ["</s>", 9, true],
    ]),
  );
  const words = coloured(html);
  assert.deepEqual(
    words.map(([word]) => word),
    ["I", " robbed", " her"],
  );
  assert.deepEqual(
    words.map(([, colour]) => colour),
    ["rgba(213,94,0,0.19)", "rgba(0,114,178,0.75)", "rgba(0,114,178,0.00)"],
  );
  assert.match(html, /<b>NEGATIVE<\/b>.*87\.5 %/);
});

test("the text has a contrast of at least 4.5 on every colour, on a light page and on a dark one", () => {
  const html = attributionHtml(
    attributionOf(
      ["bad", "good"].flatMap((text, i) => [
        [text, i - 0.5],
        [text, i / 2],
      ]),
    ),
  );
  assert.doesNotMatch(html, /[^-]color:/, "the text has the colour of the page");
  for (const [word, css] of coloured(html)) {
    const opacity = Number(/([\d.]+)\)$/.exec(css)?.[1]);
    for (const [theme, { paper, ink }] of Object.entries(PAGES)) {
      const ratio = contrast(ink, blended(colourOf(css), opacity, paper));
      assert.ok(ratio >= 4.5, `${word} on ${css}, ${theme}: ${ratio}`);
    }
  }
});

test("pieces of WordPiece and of byte-level BPE come together as words", () => {
  const text = (html: string): string =>
    coloured(html)
      .map(([word]) => word)
      .join("");
  assert.equal(
    text(
      attributionHtml(
        attributionOf([
          ["[CLS]", 0, true],
          ["rob", 1],
          ["##bed", 1],
          ["her", 0],
          [".", 0],
        ]),
      ),
    ),
    "robbed her.",
  );
  assert.equal(
    text(
      attributionHtml(
        attributionOf([
          ["I", 1],
          [" rob", 1],
          ["bed", 1],
          [".", 0],
        ]),
      ),
    ),
    "I robbed.",
  );
});

test("HTML in a text is escaped", () => {
  assert.doesNotMatch(attributionHtml(attributionOf([["<script>", 1]])), /<script>/);
});

test("as text, the words that speak most for and against it are named", () => {
  const text = attributionText(
    attributionOf([
      ["I", -0.1],
      [" robbed", 0.4],
      [" her", 0.2],
    ]),
  );
  assert.equal(text, "NEGATIVE (87.5 %)\n  for it: robbed 0.400, her 0.200\n  against: I -0.100");
  assert.equal(isAttribution(attributionOf([])), true);
  assert.equal(isAttribution({ label: "x", score: 1 }), false);
});
