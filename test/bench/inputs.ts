/** Inputs of a benchmark without Python: a tiny model and batches of random tokens. */
import { join } from "node:path";
import { temporaryFolder, writeFiles } from "../support/folders";
import { tinyModel } from "../support/tiny";

/** Rows of each batch have these numbers of tokens. */
export const LENGTHS = [3, 10, 5, 7];

/** @returns a folder as `scripts/bench/prepare.py` makes it */
export function tinyInputs(options: { batches: number; dropout?: number }): string {
  const rate = options.dropout ?? 0;
  const folder = temporaryFolder();
  const model = tinyModel({ hidden_dropout_prob: rate, attention_probs_dropout_prob: rate });
  model.savePretrained(join(folder, "model"));
  model.dispose();
  const batches = Array.from({ length: options.batches }, (_, b) => ({
    input_ids: LENGTHS.map((length, row) => Array.from({ length }, (_, i) => 2 + ((b + row * 3 + i * 5) % 18))),
    labels: LENGTHS.map((_, row) => row % 2),
  }));
  return writeFiles(folder, { "batches.json": batches });
}
