import type { Attribution, TokenAttribution } from "../../evaluate/attribution";
import type { Classification } from "../../evaluate/predict";
import { escapeHtml } from "../format";
import { ShareBar } from "./table";

/**
 * Answers to texts as rows of a table, with a bar for each probability.
 *
 * @param answers what `classify` returned, by the name of the column
 */
export function answerRows(
  texts: readonly string[],
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
    return { text, ...Object.fromEntries(columns) };
  });
}

const FOR = [0, 114, 178];
const AGAINST = [213, 94, 0];

function tint(score: number): string {
  const towards = score >= 0 ? FOR : AGAINST;
  const strength = 0.75 * Math.min(1, Math.abs(score));
  const parts = towards.map((part) => Math.round(255 + strength * (part - 255)));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** The tokens of the text itself, each with its share of the largest score, from -1 to 1. */
function shares(tokens: readonly TokenAttribution[]): { text: string; share: number; score: number }[] {
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

/** A text whose words are coloured by what they did for the answer, as HTML that needs no trust. */
export function attributionHtml({ label, probability, tokens }: Attribution): string {
  const bar = `<progress value="${probability}" max="1" style="width:80px;vertical-align:middle"></progress>`;
  const words = shares(tokens).map(({ text, share, score }) => {
    const style = `background-color:${tint(share)};color:#222222;padding:2px 0`;
    return `<span style="${style}" title="${score.toFixed(4)}">${escapeHtml(text)}</span>`;
  });
  const key = [["speaks for it", 1] as const, ["against", -1] as const].map(
    ([name, share]) => `<span style="background-color:${tint(share)};color:#222222;padding:2px">${name}</span>`,
  );
  return `<div style="margin:4px 0"><b>${escapeHtml(label)}</b> ${bar} ${new ShareBar(probability)}</div>
<div style="margin:4px 0;white-space:pre-wrap;max-width:50em">${words.join("")}</div>
<div style="margin:4px 0">${key.join(" ")}</div>`;
}

/** The same as text: the answer, and the words that speak most for and against it. */
export function attributionText({ label, probability, tokens }: Attribution): string {
  const own = shares(tokens).sort((a, b) => b.score - a.score);
  const list = (some: typeof own): string =>
    some.map(({ text, score }) => `${text.trim()} ${score.toFixed(3)}`).join(", ");
  const [pro, contra] = [own.filter(({ score }) => score > 0), own.filter(({ score }) => score < 0).reverse()];
  return [
    `${label} (${new ShareBar(probability)})`,
    `  for it: ${list(pro.slice(0, 5)) || "nothing"}`,
    `  against: ${list(contra.slice(0, 5)) || "nothing"}`,
  ].join("\n");
}
