/** The weights of a model: one ordered map from Hugging Face's names to tensors. */
import type { TensorData } from "../files/safetensors";
import { cast, floatDtype } from "../tensor/raw-op";
import { type Tensor, tf, type Variable } from "../tensor/tensorflow";

const living = new Set<Parameter>();

/** All parameters of this process that have not been disposed of. */
export function livingParameters(): ReadonlySet<Parameter> {
  return living;
}

/** A named weight. Where `requiresGrad` is false it is frozen, and no gradient is computed for it. */
export class Parameter {
  /** @internal */
  readonly value: Variable;

  /**
   * @param name the tensor's name in files
   * @param value its first value; taken over
   * @param requiresGrad whether training changes it
   * @internal
   */
  constructor(
    readonly name: string,
    value: Tensor,
    public requiresGrad: boolean,
  ) {
    // tfjs refuses a name that exists already, so it numbers its variables itself.
    this.value = tf.variable(value, true);
    value.dispose();
    living.add(this);
  }

  /** Sizes of the axes. */
  get shape(): number[] {
    return this.value.shape;
  }

  get size(): number {
    return this.value.size;
  }

  /** The numbers as float32, whatever the dtype. */
  values(): Float32Array {
    // Not in a tidy: that looks at every number of what it gives back, and at no more than 2^24 of them.
    const wide = cast(this.value as Tensor, "float32");
    const values = wide.dataSync() as Float32Array;
    if (wide !== this.value) wide.dispose();
    return values;
  }

  /** Replaces the numbers, rounded to the dtype that they had. @param values of the same shape */
  assign(values: Tensor): void {
    tf.tidy(() => this.value.assign(cast(values, floatDtype(this.value))));
  }

  /** Frees the tensor; a second call has no effect. */
  dispose(): void {
    // tfjs would free the data a second time, which other models may share.
    if (this.value.isDisposed) return;
    this.value.dispose();
    living.delete(this);
  }
}

/** Parameters by name, in the order of the model. */
export type ParameterMap = Map<string, Parameter>;

/** The parameters as a file takes them: each is read from TensorFlow when it is written. */
export function tensorsOf(parameters: ParameterMap): Map<string, TensorData> {
  return new Map([...parameters].map(([name, own]) => [name, { shape: own.shape, values: () => own.values() }]));
}

/** Elements of the parameters that `keep` lets pass. */
export function countElements(parameters: Iterable<Parameter>, keep = (_: Parameter): boolean => true): number {
  let count = 0;
  for (const parameter of parameters) if (keep(parameter)) count += parameter.size;
  return count;
}

/** The parameters that training changes. */
export function trainable(parameters: Iterable<Parameter>): Parameter[] {
  return [...parameters].filter((parameter) => parameter.requiresGrad);
}
