/** Linear layers, and the places in a model that hold them. Axes: tokens, in, out. */
import type { DropoutStream } from "../tensor/dropout";
import { asDtype } from "../tensor/ops/basics";
import { linear, type Projection } from "../tensor/ops/linear";
import { floatDtype } from "../tensor/raw-op";
import type { Tensor2D } from "../tensor/tensorflow";
import type { Parameter } from "./parameters";

/** What a forward pass carries along. */
export interface ForwardContext {
  /** Dropout masks of this step; none when the model is evaluated. */
  dropout?: DropoutStream;
  /** Keep each layer's input alone for the backward pass, and compute the layer again there. */
  gradientCheckpointing?: boolean;
}

/** Anything that stands where a linear layer stands. */
export interface LinearLayer {
  /** Size of its input. */
  readonly inFeatures: number;
  /** Size of its output. */
  readonly outFeatures: number;
  /** @internal */
  forward(x: LinearInput, context: ForwardContext): Projection;
}

/** A linear layer's input: as it is, and in the dtype of the frozen weights, which may be the same tensor. */
export interface LinearInput {
  /** For what learns: float32 where the layer before gave it, bfloat16 where that passes nothing finer on. [tokens, in] */
  exact: Tensor2D;
  /** [tokens, in] */
  rounded: Tensor2D;
}

/** A place in the model that holds a linear layer: an adapter can take it and give it back. */
export interface LinearSlot {
  /** The module's path, e.g. "roberta.encoder.layer.0.attention.self.query". */
  readonly path: string;
  /** What stands there now. */
  layer: LinearLayer;
}

/** y = x · Wᵀ + b, with W as it lies in the file. [tokens, in] → [tokens, out] */
export class Linear implements LinearLayer {
  constructor(
    /** [out, in] */
    readonly weight: Parameter,
    /** [out] */
    readonly bias: Parameter,
  ) {}

  get inFeatures(): number {
    return this.weight.shape[1] as number;
  }

  get outFeatures(): number {
    return this.weight.shape[0] as number;
  }

  /** @internal */
  forward({ exact, rounded }: LinearInput): Projection {
    const dtype = floatDtype(rounded);
    // A matrix that learns is float32, and so is its product until it is passed on.
    const input = floatDtype(this.weight.value) === dtype ? rounded : exact;
    return { product: asDtype(linear(input, this.weight), dtype), bias: this.bias };
  }
}
