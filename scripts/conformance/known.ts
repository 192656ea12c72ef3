/** Specs of tfjs-core that are known to fail with this TensorFlow, by their full names, and why. */
export const KNOWN: Readonly<Record<string, string>> = {
  "round test-tensorflow {} int32":
    "TensorFlow makes zeros of int32 here. Nothing in this project rounds whole numbers.",
  "depthwiseConv2d gradients test-tensorflow {} throws error on dilations > 1":
    "It is an error here too, in words of TensorFlow instead of tfjs.",
};
