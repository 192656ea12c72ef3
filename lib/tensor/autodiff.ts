/**
 * Reverse-mode differentiation over TensorFlow operations. Unlike tfjs's own tape it computes nothing for frozen inputs and
 * frees what the forward pass kept, and each gradient, as soon as the backward pass has used it.
 */
import { fusedKernels } from "./native/library";
import { cast, floatDtype, rawOp } from "./raw-op";
import { type Tensor, tf, type Variable } from "./tensorflow";

/** A weight that may be trained. */
export interface Learnable {
  readonly value: Variable;
  readonly requiresGrad: boolean;
}

type Input = Tensor | Learnable;

/** Gradient of one input: a tensor, or a function that is called only where the gradient is needed. */
type Gradient = Tensor | (() => Tensor);

/** How an operation is computed and differentiated. */
export interface Operation {
  /** @param save keeps tensors for the backward pass; absent when there will be none */
  forward(save: ((...tensors: Tensor[]) => void) | undefined): Tensor;
  /** The gradients of the inputs, in order, from the gradient of the output and what was saved. */
  backward(dy: Tensor, saved: readonly Tensor[]): readonly Gradient[];
}

/** Gradients of the weights inside a part that is computed again. */
type Found = [Learnable, Tensor][];

interface Step {
  inputs: readonly Input[];
  output: number;
  saved: readonly Tensor[];
  backward(dy: Tensor, saved: readonly Tensor[]): { inputs: readonly Gradient[]; found?: Found };
}

/** The operations of one forward pass, in order, and the tensors that depend on learning weights. */
class Tape {
  readonly steps: Step[] = [];
  readonly #dependent = new Set<number>();

  learns(input: Input): boolean {
    return input instanceof tf.Tensor ? this.#dependent.has(input.id) : input.requiresGrad;
  }

  /** Marks a tensor as dependent on learning weights. */
  depend(x: Tensor): void {
    this.#dependent.add(x.id);
  }

  record(step: Step): void {
    this.steps.push(step);
    this.#dependent.add(step.output);
  }

  /** Frees what was saved. */
  dispose(): void {
    for (const { saved } of this.steps.splice(0)) tf.dispose([...saved]);
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
  const save = (...tensors: Tensor[]): void => {
    saved = tensors.map((tensor) => tf.keep(tensor.clone()));
  };
  try {
    const output = tf.tidy(() => operation.forward(save));
    const backward: Step["backward"] = (dy, kept) => ({ inputs: operation.backward(dy, kept) });
    tape.record({ inputs, output: output.id, saved, backward });
    return output as T;
  } catch (error) {
    tf.dispose(saved);
    throw error;
  }
}

/**
 * Gradient checkpointing (Chen et al., 2016): keeps only the input of a part of the network and computes the part again in
 * the backward pass.
 *
 * @param compute must be deterministic: the backward pass calls it with another tensor of the same values
 */
export function recomputed<T extends Tensor>(x: T, compute: (x: T) => T): T {
  const tape = recording;
  if (tape === undefined) return compute(x);
  const probe = new Tape();
  if (tape.learns(x)) probe.depend(x);
  let output: T;
  try {
    output = withTape(probe, () => compute(x));
  } finally {
    probe.dispose();
  }
  if (!probe.learns(output)) return output;
  const saved = [tf.keep(x.clone())];
  tape.record({
    inputs: [x],
    output: output.id,
    saved,
    backward(dy, [input]) {
      const again = new Tape();
      const start = input as T;
      if (tape.learns(x)) again.depend(start);
      try {
        const value = withTape(again, () => compute(start));
        const { found, pending } = runBackward(again, value, tf.clone(dy));
        return { inputs: [total(pending.get(start.id) ?? [tf.zerosLike(start)])], found: [...found] };
      } finally {
        again.dispose();
      }
    },
  });
  return output;
}

function withTape<T>(tape: Tape, work: () => T): T {
  const outer = recording;
  try {
    recording = tape;
    return work();
  } finally {
    recording = outer;
  }
}

/**
 * Computes a scalar and its gradients.
 *
 * @param scalar computes it with {@link differentiable} operations only; its intermediate tensors are freed
 * @returns the value and the gradient of every weight that learns and takes part; the caller owns the tensors
 */
export function gradientsOf<L extends Learnable>(scalar: () => Tensor): { value: Tensor; gradients: Map<L, Tensor> } {
  const tape = new Tape();
  let weights: L[] = [];
  try {
    const [value, ...gradients] = tf.tidy(() => {
      const value = withTape(tape, scalar);
      const { found } = runBackward(tape, value, tf.onesLike(value));
      weights = [...found.keys()] as L[];
      return [value, ...found.values()];
    }) as [Tensor, ...Tensor[]];
    return { value, gradients: new Map(weights.map((weight, i) => [weight, gradients[i] as Tensor])) };
  } finally {
    tape.dispose();
  }
}

/**
 * Walks the tape backwards and empties it; after an error the caller disposes what is left of it.
 *
 * @returns the gradients of the weights, and those of tensors that no step made, by their ids
 */
function runBackward(
  tape: Tape,
  value: Tensor,
  gradient: Tensor,
): { found: Map<Learnable, Tensor>; pending: Map<number, Tensor[]> } {
  const pending = new Map<number, Tensor[]>([[value.id, [gradient]]]);
  const found = new Map<Learnable, Tensor[]>();
  for (let step = tape.steps.at(-1); step !== undefined; step = tape.steps.at(-1)) {
    const { inputs, output, saved, backward } = step;
    const parts = pending.get(output);
    pending.delete(output);
    if (parts !== undefined) {
      const dy = total(parts);
      const needed = inputs.map((input) => tape.learns(input));
      let weights: Learnable[] = [];
      const gradients = tf.tidy(() => {
        const result = backward(dy, saved);
        weights = (result.found ?? []).map(([weight]) => weight);
        const own = result.inputs.flatMap((gradient, i) => {
          if (!needed[i]) return [];
          return [typeof gradient === "function" ? gradient() : gradient];
        });
        return [...own, ...(result.found ?? []).map(([, gradient]) => gradient)];
      });
      [...inputs.filter((_, i) => needed[i]), ...weights].forEach((input, i) => {
        const gradient = gradients[i] as Tensor;
        if (input instanceof tf.Tensor) add(pending, input.id, gradient);
        else add(found, input, gradient);
      });
      dy.dispose();
    }
    tf.dispose([...saved]);
    tape.steps.pop();
  }
  return { found: new Map([...found].map(([weight, parts]) => [weight, total(parts)])), pending };
}

function add<K>(sums: Map<K, Tensor[]>, key: K, gradient: Tensor): void {
  const parts = sums.get(key);
  if (parts === undefined) sums.set(key, [gradient]);
  else parts.push(gradient);
}

/** The sum of gradients, which are disposed. */
function total(parts: Tensor[]): Tensor {
  if (parts.length === 1) return parts[0] as Tensor;
  const total = tf.tidy(() => sumOf(parts));
  tf.dispose(parts);
  return total;
}

/** The float32 sum of tensors of one shape and either dtype. */
function sumOf(parts: Tensor[]): Tensor {
  if (!fusedKernels()) return tf.addN(parts.map((part) => cast(part, "float32")));
  const floats = parts.filter((part) => floatDtype(part) === "float32");
  const halves = parts.filter((part) => floatDtype(part) === "bfloat16");
  const counts = { M: { integer: floats.length }, N: { integer: halves.length } };
  return rawOp("EthicsSum", counts, [...floats, ...halves]);
}
