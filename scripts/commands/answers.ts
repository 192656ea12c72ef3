/** The answers to texts as lines: plain text, JSON lines or CSV. */
import type { Classification } from "../../lib/evaluate/predict";

export const FORMATS = ["text", "jsonl", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** Digits of a score. */
const DIGITS = 6;

/** An answer as a line. */
export interface Answer extends Classification {
  text: string;
  /** Names of the labels, label 0 first. */
  labelNames: readonly string[];
}

/** @returns the line before the answers; empty where there is none */
export function headLine(format: Format): string {
  return format === "csv" ? "text,label,score\n" : "";
}

export function answerLine({ text, label, score, probabilities, labelNames }: Answer, format: Format): string {
  const rounded = (value: number): number => Number(value.toFixed(DIGITS));
  if (format === "text") return `${label}\t${score.toFixed(4)}\t${text}\n`;
  if (format === "csv") return `${[text, label, String(rounded(score))].map(csvValue).join(",")}\n`;
  const all = Object.fromEntries(labelNames.map((name, i) => [name, rounded(probabilities[i] as number)]));
  return `${JSON.stringify({ text, label, score: rounded(score), probabilities: all })}\n`;
}

/** In quotes where it has to be (RFC 4180). */
function csvValue(value: string): string {
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
