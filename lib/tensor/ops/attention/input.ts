/** Input of every implementation of attention. */
import type { DropoutKey } from "../../dropout";
import type { Tensor2D, Tensor3D } from "../../tensorflow";

/** Which queries attend to which keys: one sequence of a batch. */
export interface Span {
  /** Index of its first query, and how many there are; spans follow one another. */
  queryStart: number;
  queries: number;
  /** Index of its first key and value, and how many there are. */
  keyStart: number;
  keys: number;
}

/** Queries, keys and values with their biases, float32. */
export interface AttentionInput {
  /** [queries, hidden] */
  q: Tensor2D;
  /** [tokens, hidden] */
  k: Tensor2D;
  /** [tokens, hidden] */
  v: Tensor2D;
  heads: number;
  spans: readonly Span[];
  /** Dropout rate of the probabilities. */
  rate: number;
  /** Key of the dropout masks; undefined where nothing is dropped. */
  key: DropoutKey | undefined;
  /** Added to the scores of each span, [heads, queries, keys]; only sequence by sequence. */
  bias?: readonly Tensor3D[];
}
