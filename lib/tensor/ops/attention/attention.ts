/** Multi-head self-attention over packed tokens: each sequence attends to itself, without padding. */
import { differentiable } from "../../autodiff";
import { type DropoutStream, keyTensor } from "../../dropout";
import { prefersFewOperations } from "../../gpu-path";
import { fusedKernels } from "../../native/library";
import { cast, floatDtype, rawOps } from "../../raw-op";
import { type Tensor, type Tensor2D, type Tensor3D, tf } from "../../tensorflow";
import type { Projection } from "../linear";
import { composedAttention, composedAttentionGradient } from "./composed";
import type { AttentionInput, Span } from "./input";
import { paddedAttention, paddedAttentionGradient } from "./padded";

/** Options of {@link attention}. */
export interface AttentionOptions {
  heads: number;
  spans: readonly Span[];
  /** Dropout rate of the probabilities. */
  rate: number;
  dropout: DropoutStream | undefined;
  /** Added to the scores of each span, [heads, queries, keys] (default none). The fused kernels have no such input. */
  bias?: readonly Tensor3D[] | undefined;
}

/**
 * softmax(q · kᵀ / √headSize + bias) · v for each span and head (Vaswani et al., 2017).
 *
 * @param q [queries, hidden]
 * @param k [tokens, hidden]
 * @param v [tokens, hidden]
 * @returns the concatenated contexts of all heads, in the dtype of q. [queries, hidden]
 */
export function attention(q: Projection, k: Projection, v: Projection, options: AttentionOptions): Tensor2D {
  const { heads, spans, bias } = options;
  const key = options.rate > 0 ? options.dropout?.next() : undefined;
  const rate = key === undefined ? 0 : options.rate;
  const dtype = floatDtype(q.product);
  const fused = fusedKernels() !== undefined && bias === undefined;
  const composed = prefersFewOperations() && bias === undefined ? PADDED : BY_SEQUENCE;
  const biases = [q.bias, k.bias, v.bias];
  const attributes = { heads: { integer: heads }, rate: { number: rate }, T: { dtype } } as const;
  const fusedInputs = (products: readonly Tensor[]): Tensor[] => [
    ...products,
    ...biases.map(({ value }) => value),
    spanTensor(spans),
    keyTensor(key),
  ];
  const composedInput = (products: readonly Tensor[]): AttentionInput => {
    const [qb, kb, vb] = products.map((x, i) => tf.add(cast(x, "float32"), biases[i]?.value as Tensor));
    return { q: qb as Tensor2D, k: kb as Tensor2D, v: vb as Tensor2D, heads, spans, rate, key, ...(bias && { bias }) };
  };

  return differentiable([q.product, k.product, v.product, ...biases, ...(bias ?? [])], {
    forward(save) {
      const products = [q.product, k.product, v.product];
      if (fused) {
        const [context, logSum] = rawOps("EthicsAttention", attributes, fusedInputs(products), 2) as [Tensor, Tensor];
        save?.(...products, logSum);
        return context;
      }
      const { context, kept } = composed.forward(composedInput(products), save !== undefined);
      save?.(...products, ...kept);
      return cast(context, dtype);
    },
    backward(dy, saved) {
      const products = saved.slice(0, 3);
      const kept = saved.slice(3);
      const gradients = fused
        ? rawOps("EthicsAttentionGradient", attributes, [...fusedInputs(products), ...kept, cast(dy, dtype)], 3)
        : composed.backward(composedInput(products), cast(dy, "float32"), kept);
      const ofProducts = gradients.slice(0, 3).map((x) => cast(x, dtype));
      const ofBiases = ofProducts.map((gradient) => () => tf.sum(cast(gradient, "float32"), 0));
      return [...ofProducts, ...ofBiases, ...gradients.slice(3)];
    },
  });
}

/** Without the fused kernels, a processor saves the time of padding, and a GPU that of many small operations. */
const BY_SEQUENCE = { forward: composedAttention, backward: composedAttentionGradient };
const PADDED = { forward: paddedAttention, backward: paddedAttentionGradient };

/** int32. [spans, 4] */
function spanTensor(spans: readonly Span[]): Tensor {
  const rows = spans.map(({ queryStart, queries, keyStart, keys }) => [queryStart, queries, keyStart, keys]);
  return tf.tensor2d(rows, [spans.length, 4], "int32");
}
