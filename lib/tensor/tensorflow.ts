/** The one import of TensorFlow: everything else gets `tf` and its types from here. */
import "./quiet";
import * as tf from "@tensorflow/tfjs-node";

export { tf };
export type Tensor = tf.Tensor;
export type Tensor1D = tf.Tensor1D;
export type Tensor2D = tf.Tensor2D;
export type Tensor3D = tf.Tensor3D;
export type Variable = tf.Variable;
export type Tensor4D = tf.Tensor4D;
