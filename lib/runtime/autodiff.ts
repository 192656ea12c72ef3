/**
 * Reverse-mode differentiation over TensorFlow operations. Unlike tfjs's own tape it computes nothing for frozen inputs and
 * frees what the forward pass kept, and each gradient, as soon as the backward pass has used it.
 */
import { fusedKernels } from "./kernels";
import { cast, floatDtype, rawOp } from "./raw-op";
import { type Tensor, tf, type Variable } from "./tensorflow";

/** A weight that may learn. */
export interface Learnable {
  readonly value: Variable;
  readonly requiresGrad: boolean;
}

type Input = Tensor | Learnable;

/** One input's gradient: computed at once with others, or only when it is needed. */
type Gradient = Tensor | (() => Tensor);

/** How an operation is computed and differentiated. */
export interface Operation {
  /** @param save keeps tensors for the backward pass; absent when there will be none */
  forward(save: ((...tensors: Tensor[]) => void) | undefined): Tensor;
  /** The gradients of the inputs, in order, from the gradient of the output and what was saved. */
  backward(dy: Tensor, saved: readonly Tensor[]): readonly Gradient[];
}

interface Step {
  inputs: readonly Input[];
  output: number;
  saved: readonly Tensor[];
  backward: Operation["backward"];
}

/** The operations of one forward pass, in order, and the tensors that depend on learning weights. */
class Tape {
  readonly steps: Step[] = [];
  private readonly dependent = new Set<number>();

  learns(input: Input): boolean {
    return input instanceof tf.Tensor ? this.dependent.has(input.id) : input.requiresGrad;
  }

  record(step: Step): void {
    this.steps.push(step);
    this.dependent.add(step.output);
  }
}

let recording: Tape | undefined;

/**
 * Computes an operation and, while {@link gradientsOf} records, remembers how to differentiate it.
 *
 * @param inputs tensors or weights, in the order of the gradients
 * @returns the output; the caller owns it
 */
export function differentiable<T extends Tensor>(inputs: readonly Input[], operation: Operation): T {
  const tape = recording;
  if (tape === undefined || !inputs.some((input) => tape.learns(input))) {
    return tf.tidy(() => operation.forward(undefined)) as T;
  }
  let saved: Tensor[] = [];
  const output = tf.tidy(() =>
    operation.forward((...tensors) => {
      saved = tensors.map((tensor) => tf.keep(tensor.clone()));
    }),
  );
  tape.record({ inputs, output: output.id, saved, backward: (dy, kept) => operation.backward(dy, kept) });
  return output as T;
}

/**
 * Computes a scalar and its gradients.
 *
 * @param scalar builds it with {@link differentiable} operations only
 * @returns the value and the gradient of every weight that learns and takes part; the caller owns the tensors
 */
export function gradientsOf<L extends Learnable>(scalar: () => Tensor): { value: Tensor; gradients: Map<L, Tensor> } {
  const outer = recording;
  const tape = new Tape();
  try {
    recording = tape;
    const value = scalar();
    recording = undefined;
    return { value, gradients: runBackward(tape, value) as Map<L, Tensor> };
  } finally {
    recording = outer;
    for (const { saved } of tape.steps) tf.dispose([...saved]);
  }
}

function runBackward(tape: Tape, value: Tensor): Map<Learnable, Tensor> {
  const pending = new Map<number, Tensor[]>([[value.id, [tf.onesLike(value)]]]);
  const found = new Map<Learnable, Tensor[]>();
  for (let step = tape.steps.pop(); step !== undefined; step = tape.steps.pop()) {
    const { inputs, output, saved, backward } = step;
    const parts = pending.get(output);
    pending.delete(output);
    if (parts !== undefined) {
      const dy = total(parts);
      const needed = inputs.map((input) => tape.learns(input));
      const gradients = tf.tidy(() =>
        backward(dy, saved).flatMap((gradient, i) => {
          if (!needed[i]) return [];
          return [typeof gradient === "function" ? gradient() : gradient];
        }),
      );
      inputs
        .filter((_, i) => needed[i])
        .forEach((input, i) => {
          const gradient = gradients[i] as Tensor;
          if (input instanceof tf.Tensor) add(pending, input.id, gradient);
          else add(found, input, gradient);
        });
      dy.dispose();
    }
    tf.dispose([...saved]);
  }
  return new Map([...found].map(([weight, parts]) => [weight, total(parts)]));
}

function add<K>(sums: Map<K, Tensor[]>, key: K, gradient: Tensor): void {
  const parts = sums.get(key);
  if (parts === undefined) sums.set(key, [gradient]);
  else parts.push(gradient);
}

/** The sum of gradients that came over several ways. Disposes them. */
function total(parts: Tensor[]): Tensor {
  if (parts.length === 1) return parts[0] as Tensor;
  const total = tf.tidy(() => sumOf(parts));
  tf.dispose(parts);
  return total;
}

/** The sum of tensors of one shape, float32 whatever they are. */
function sumOf(parts: Tensor[]): Tensor {
  if (!fusedKernels()) return tf.addN(parts.map((part) => cast(part, "float32")));
  const floats = parts.filter((part) => floatDtype(part) === "float32");
  const halves = parts.filter((part) => floatDtype(part) === "bfloat16");
  const counts = { M: { integer: floats.length }, N: { integer: halves.length } };
  return rawOp("EthicsSum", counts, [...floats, ...halves]);
}
