/** Tables of a model's answers, and texts coloured by their words' attributions. */
import type { Attribution, TokenAttribution } from "../../evaluate/attribution";
import type { Classification, Text } from "../../evaluate/predict";
import { escapeHtml } from "../format";
import { ShareBar } from "./table";

/**
 * Answers to texts as rows of a table, with a bar for each probability.
 *
 * @param answers results of `classify`, by column name
 */
export function answerRows(
  texts: readonly Text[],
  answers: Record<string, readonly Classification[]>,
): Record<string, unknown>[] {
  return texts.map((text, i) => {
    const columns = Object.entries(answers).flatMap(([name, given]): [string, unknown][] => {
      const answer = given[i];
      return [
        [name, answer?.label],
        [`${name}: how sure`, answer && new ShareBar(answer.score)],
      ];
    });
    return { text: [text].flat().join(" | "), ...Object.fromEntries(columns) };
  });
}

/** RGB colours of words for and against an answer. */
const FOR = "0,114,178";
const AGAINST = "213,94,0";

/** Opacity of the strongest word's colour, at which text stays readable on light and dark pages. */
const STRONGEST = 0.75;

/** A word on its translucent colour. */
function tinted(html: string, share: number, title = ""): string {
  const colour = `rgba(${share < 0 ? AGAINST : FOR},${(STRONGEST * Math.abs(share)).toFixed(2)})`;
  return `<span style="background-color:${colour};padding:2px 0"${title}>${html}</span>`;
}

interface WordShare {
  text: string;
  /** The score divided by the largest one, -1 to 1. */
  share: number;
  score: number;
}

/** The tokens of the text itself, without the model's special ones. */
function shares(tokens: readonly TokenAttribution[]): WordShare[] {
  const own = tokens.filter(({ special }) => !special);
  const largest = Math.max(...own.map(({ score }) => Math.abs(score)), 1e-12);
  // WordPiece marks the later pieces of a word, byte-level BPE the first ones by their space.
  const marked = own.some(({ text }) => text.startsWith("##")) || own.every(({ text }) => !/\s/.test(text));
  return own.map(({ text, score }, i) => {
    const piece = text.replace(/^##/, "");
    const space = marked && i > 0 && !text.startsWith("##") && /\w/.test(text) ? " " : "";
    return { text: space + piece, share: score / largest, score };
  });
}

/** Whether a value is what `attribute` returns. */
export function isAttribution(value: unknown): value is Attribution {
  const { tokens, label, probability } = (value ?? {}) as Partial<Attribution>;
  return Array.isArray(tokens) && typeof label === "string" && typeof probability === "number";
}

/** A text with coloured words, as HTML that untrusted notebooks show too. */
export function attributionHtml({ label, probability, tokens }: Attribution): string {
  const words = shares(tokens).map(({ text, share, score }) =>
    tinted(escapeHtml(text), share, ` title="${score.toFixed(4)}"`),
  );
  const key = `${tinted("&nbsp;speaks for it&nbsp;", 1)} ${tinted("&nbsp;against&nbsp;", -1)}`;
  return `<div style="margin:4px 0"><b>${escapeHtml(label)}</b> ${new ShareBar(probability).html}</div>
<div style="margin:4px 0;white-space:pre-wrap;max-width:50em">${words.join("")}</div>
<div style="margin:4px 0">${key}</div>`;
}

/** The same as text: the answer, and the words that speak most for and against it. */
export function attributionText({ label, probability, tokens }: Attribution): string {
  const own = shares(tokens).sort((a, b) => b.score - a.score);
  const list = (some: WordShare[]): string =>
    some.map(({ text, score }) => `${text.trim()} ${score.toFixed(3)}`).join(", ");
  const [pro, contra] = [own.filter(({ score }) => score > 0), own.filter(({ score }) => score < 0).reverse()];
  return [
    `${label} (${new ShareBar(probability)})`,
    `  for it: ${list(pro.slice(0, 5)) || "nothing"}`,
    `  against: ${list(contra.slice(0, 5)) || "nothing"}`,
  ].join("\n");
}
