/** Multi-head self-attention over packed tokens: each sequence attends to itself, without padding. */
import { differentiable } from "../autodiff";
import { type DropoutKey, type DropoutStream, keyTensor } from "../dropout";
import { fusedKernels } from "../kernels";
import { cast, floatDtype, rawOps } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";
import { composedAttention, composedAttentionGradient } from "./attention-composed";
import type { Projection } from "./linear";

/** Which queries attend to which keys: one sequence of a batch. */
export interface Span {
  /** Index of its first query, and how many there are; spans follow one another. */
  queryStart: number;
  queries: number;
  /** Index of its first key and value, and how many there are. */
  keyStart: number;
  keys: number;
}

/** How the tokens are divided, and what is dropped. */
export interface AttentionOptions {
  heads: number;
  spans: readonly Span[];
  /** Dropout rate of the probabilities. */
  rate: number;
  dropout: DropoutStream | undefined;
}

/** What an implementation works on. @internal */
export interface AttentionInput {
  q: Tensor2D;
  k: Tensor2D;
  v: Tensor2D;
  heads: number;
  spans: readonly Span[];
  rate: number;
  /** The masks; none where nothing is dropped. */
  key: DropoutKey | undefined;
}

/**
 * softmax(q · kᵀ / √headSize) · v for each span and head (Vaswani et al., 2017).
 *
 * @param q [queries, hidden]
 * @param k [tokens, hidden]
 * @param v [tokens, hidden]
 * @returns the contexts of all heads beside each other, in the dtype of q. [queries, hidden]
 */
export function attention(q: Projection, k: Projection, v: Projection, options: AttentionOptions): Tensor2D {
  const { heads, spans } = options;
  const key = options.rate > 0 ? options.dropout?.next() : undefined;
  const rate = key === undefined ? 0 : options.rate;
  const dtype = floatDtype(q.product);
  const fused = fusedKernels() !== undefined;
  const biases = [q.bias, k.bias, v.bias];
  const attributes = { heads: { integer: heads }, rate: { number: rate }, T: { dtype } } as const;
  const fusedInputs = (products: readonly Tensor[]): Tensor[] => [
    ...products,
    ...biases.map(({ value }) => value),
    ...[spanTensor(spans), keyTensor(key)],
  ];
  const composedInput = (products: readonly Tensor[]): AttentionInput => {
    const [qb, kb, vb] = products.map((x, i) => tf.add(cast(x, "float32"), biases[i]?.value as Tensor));
    return { q: qb as Tensor2D, k: kb as Tensor2D, v: vb as Tensor2D, heads, spans, rate, key };
  };

  return differentiable([q.product, k.product, v.product, ...biases], {
    forward(save) {
      const products = [q.product, k.product, v.product];
      if (fused) {
        const [context, logSum] = rawOps("EthicsAttention", attributes, fusedInputs(products), 2) as [Tensor, Tensor];
        save?.(...products, logSum);
        return context;
      }
      const { context, kept } = composedAttention(composedInput(products), save !== undefined);
      save?.(...products, ...kept);
      return cast(context, dtype);
    },
    backward(dy, saved) {
      const products = saved.slice(0, 3);
      const kept = saved.slice(3);
      const gradients = fused
        ? rawOps("EthicsAttentionGradient", attributes, [...fusedInputs(products), ...kept, cast(dy, dtype)], 3)
        : composedAttentionGradient(composedInput(products), cast(dy, "float32"), kept).map((x) => cast(x, dtype));
      return [...gradients, ...gradients.map((gradient) => () => tf.sum(cast(gradient, "float32"), 0))];
    },
  });
}

/** int32. [spans, 4] */
function spanTensor(spans: readonly Span[]): Tensor {
  const rows = spans.map(({ queryStart, queries, keyStart, keys }) => [queryStart, queries, keyStart, keys]);
  return tf.tensor2d(rows, [spans.length, 4], "int32");
}
