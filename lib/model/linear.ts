/** Linear layers, and the places in a model that hold them. Axes: tokens, in, out. */
import type { DropoutStream } from "../tensor/dropout";
import { asDtype } from "../tensor/ops/basics";
import { linear, type Projection } from "../tensor/ops/linear";
import { floatDtype } from "../tensor/raw-op";
import type { Tensor2D } from "../tensor/tensorflow";
import type { Parameter } from "./parameters";

/** Settings of a forward pass. */
export interface ForwardContext {
  /** Dropout masks of this step; none when the model is evaluated. */
  dropout?: DropoutStream;
  /** Whether to keep only each layer's input and to compute the layer again in the backward pass. */
  gradientCheckpointing?: boolean;
}

/** A linear layer, or what replaces one. */
export interface LinearLayer {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** @internal */
  forward(x: LinearInput, context: ForwardContext): Projection;
}

/** Input of a linear layer: as it is, and in the dtype of the frozen weights (perhaps the same tensor). */
export interface LinearInput {
  /** For weights that learn, in the dtype that the previous layer passes on. [tokens, in] */
  exact: Tensor2D;
  /** [tokens, in] */
  rounded: Tensor2D;
}

/** A place in the model that holds a linear layer, which an adapter can replace and restore. */
export interface LinearSlot {
  /** The module's path, e.g. "roberta.encoder.layer.0.attention.self.query". */
  readonly path: string;
  /** The current layer. */
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
