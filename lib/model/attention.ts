/** Multi-head self-attention over packed tokens: each sequence attends to itself, without padding. */
import { differentiable } from "../runtime/autodiff";
import { applyMask, type DropoutKey, type DropoutStream } from "../runtime/dropout";
import { type Tensor, type Tensor2D, type Tensor3D, tf } from "../runtime/tensorflow";
import type { Sequence } from "./packing";

/** How the tokens are divided, and what is dropped. */
export interface AttentionOptions {
  heads: number;
  sequences: readonly Sequence[];
  /** Dropout rate of the probabilities. */
  rate: number;
  dropout: DropoutStream | undefined;
}

/**
 * softmax(q · kᵀ / √headSize) · v for each sequence and head (Vaswani et al., 2017).
 *
 * @returns the contexts of all heads beside each other; q, k, v and the result are [tokens, hidden]
 */
export function attention(q: Tensor2D, k: Tensor2D, v: Tensor2D, options: AttentionOptions): Tensor2D {
  const { heads, sequences, rate } = options;
  const stream = rate > 0 ? options.dropout : undefined;
  const keys = sequences.map(() => stream?.next());
  const drop = (x: Tensor3D, key: DropoutKey | undefined): Tensor3D =>
    key === undefined ? x : (applyMask(x, rate, key) as Tensor3D);

  return differentiable([q, k, v], {
    forward(save) {
      const kept: Tensor[] = [];
      const contexts = sequences.map((sequence, i) =>
        tf.tidy(() => {
          const [qh, kh, vh] = splitHeads(q, k, v, sequence, heads);
          const scores = tf.mul(tf.matMul(qh, kh, false, true), 1 / Math.sqrt(qh.shape[2])); // [heads, tokens, tokens]
          const probabilities = tf.softmax(scores) as Tensor3D;
          if (save) kept.push(tf.keep(probabilities));
          return mergeHeads(tf.matMul(drop(probabilities, keys[i]), vh));
        }),
      );
      save?.(q, k, v, ...kept);
      tf.dispose(kept);
      return tf.concat(contexts, 0);
    },
    backward,
  });

  function backward(dy: Tensor, saved: readonly Tensor[]): Tensor[] {
    const [q, k, v, ...kept] = saved as readonly [Tensor2D, Tensor2D, Tensor2D, ...Tensor3D[]];
    const parts = sequences.map((sequence, i) =>
      tf.tidy(() => {
        const [qh, kh, vh] = splitHeads(q, k, v, sequence, heads);
        const dContext = heads3d(dy as Tensor2D, sequence, heads);
        const probabilities = kept[i] as Tensor3D;
        const dv = tf.matMul(drop(probabilities, keys[i]), dContext, true, false);
        const dProbabilities = drop(tf.matMul(dContext, vh, false, true), keys[i]);
        const weighted = tf.mul(probabilities, dProbabilities);
        const dScores = tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true)));
        const scaled = tf.mul(dScores, 1 / Math.sqrt(qh.shape[2])) as Tensor3D;
        const dq = tf.matMul(scaled, kh);
        const dk = tf.matMul(scaled, qh, true, false);
        return [mergeHeads(dq), padFront(mergeHeads(dk), sequence), padFront(mergeHeads(dv), sequence)] as const;
      }),
    );
    return [0, 1, 2].map((which) =>
      tf.concat(
        parts.map((part) => part[which] as Tensor2D),
        0,
      ),
    );
  }
}

/** The three inputs of one sequence, as [heads, tokens, headSize]; keys and values without the leading padding. */
function splitHeads(
  q: Tensor2D,
  k: Tensor2D,
  v: Tensor2D,
  sequence: Sequence,
  heads: number,
): [Tensor3D, Tensor3D, Tensor3D] {
  const { start, length, hidden } = sequence;
  const attended = { start: start + hidden, length: length - hidden };
  return [heads3d(q, sequence, heads), heads3d(k, attended, heads), heads3d(v, attended, heads)];
}

/** Rows of a packed matrix, divided into heads. [tokens, hidden] → [heads, tokens, headSize] */
function heads3d(x: Tensor2D, { start, length }: { start: number; length: number }, heads: number): Tensor3D {
  const width = x.shape[1];
  return tf.transpose(tf.reshape(tf.slice(x, [start, 0], [length, width]), [length, heads, width / heads]), [1, 0, 2]);
}

/** [heads, tokens, headSize] → [tokens, hidden] */
function mergeHeads(x: Tensor): Tensor2D {
  const [heads, tokens, headSize] = x.shape as [number, number, number];
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [tokens, heads * headSize]);
}

/** Zero rows for leading tokens that are not attended to, so that gradients line up with the tokens. */
function padFront(x: Tensor2D, { hidden }: Sequence): Tensor2D {
  return hidden === 0 ? x : tf.pad(x, [[hidden, 0], [0, 0]]); // biome-ignore format: one pair an axis
}
