/** TensorFlow operations and dtypes that tfjs lacks; their results are ordinary tensors that `tidy` and `dispose` see. */
import { type Tensor, tf } from "./tensorflow";

interface Handle {
  id: number;
  shape: number[];
  dtype: number;
}

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

interface Binding {
  TF_FLOAT: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_INT: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_STRING: number;
  TF_Version: string;
  isUsingGpuDevice: boolean;
  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): Handle[];
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
}

interface NodeBackend {
  binding: Binding;
  isGPUPackage: boolean;
  isUsingGpuDevice: boolean;
  tensorMap: {
    get(dataId: object): { id: number; dtype: number; values: unknown; shape: number[] };
    set(dataId: object, value: object): void;
  };
  getInputTensorIds(tensors: Tensor[]): number[];
}

/** tfjs-node's own backend, with the members that its public type hides. */
export function nodeBackend(): NodeBackend {
  return tf.backend() as unknown as NodeBackend;
}

/** TensorFlow's numbers of the dtypes used here. */
const DTYPES = { float32: 1, int32: 3, uint8: 4, bool: 10, bfloat16: 14 } as const;
export type RawDtype = keyof typeof DTYPES;

/** Value of an operation's attribute. */
export type AttributeValue =
  | { dtype: RawDtype }
  | { flag: boolean }
  | { integer: number }
  | { number: number }
  | { text: string };

function attribute(name: string, value: AttributeValue): Attribute {
  const { binding } = nodeBackend();
  if ("dtype" in value) return { name, type: binding.TF_ATTR_TYPE, value: DTYPES[value.dtype] };
  if ("flag" in value) return { name, type: binding.TF_ATTR_BOOL, value: value.flag };
  if ("text" in value) return { name, type: binding.TF_ATTR_STRING, value: value.text };
  if ("number" in value) return { name, type: binding.TF_ATTR_FLOAT, value: value.number };
  return { name, type: binding.TF_ATTR_INT, value: value.integer };
}

/**
 * Runs one TensorFlow operation by its own name; see `autodiff.ts` for gradients.
 *
 * @returns its single output. A uint8 output is labelled "bool" (one byte an element) and is read only through
 *   {@link castUint8}; a bfloat16 output is labelled "float32" and is read only through {@link cast}.
 */
export function rawOp(name: string, attributes: Record<string, AttributeValue>, inputs: Tensor[]): Tensor {
  return rawOps(name, attributes, inputs, 1)[0] as Tensor;
}

/** As {@link rawOp}, for an operation with several outputs. */
export function rawOps(
  name: string,
  attributes: Record<string, AttributeValue>,
  inputs: Tensor[],
  outputs: number,
): Tensor[] {
  const backend = nodeBackend();
  if (inputs.some((input) => input.isDisposed)) {
    throw new Error(`${name}: expected tensors in memory, got one that was disposed of, perhaps with its whole model.`);
  }
  const list = Object.entries(attributes).map(([key, value]) => attribute(key, value));
  return backend.binding.executeOp(name, list, backend.getInputTensorIds(inputs), outputs).map(wrap);
}

/** Dtypes of a model's numbers; only frozen weights and what passes between them may be bfloat16. */
export type FloatDtype = "float32" | "bfloat16";

/** TensorFlow's own dtype of a tensor of floats. */
export function floatDtype(x: Tensor): FloatDtype {
  return nodeBackend().tensorMap.get(x.dataId).dtype === DTYPES.bfloat16 ? "bfloat16" : "float32";
}

/** Numbers in another dtype, rounded to the nearest; `x` itself where it has this dtype already. */
export function cast<T extends Tensor>(x: T, dtype: FloatDtype): T {
  const from = floatDtype(x);
  if (from === dtype) return x;
  return rawOp("Cast", { SrcT: { dtype: from }, DstT: { dtype }, Truncate: { flag: false } }, [x]) as T;
}

function wrap(handle: Handle): Tensor {
  const { tensorMap } = nodeBackend();
  const dataId = {};
  const dtype = handle.dtype === DTYPES.uint8 ? "bool" : handle.dtype === DTYPES.int32 ? "int32" : "float32";
  tensorMap.set(dataId, { shape: handle.shape, dtype: handle.dtype, id: handle.id, values: null, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: handle.shape, dtype });
}

/**
 * A tensor with its own copy of the values, so that the array can be reused. A tfjs tensor keeps its array until it is first
 * used, and TensorFlow then goes on sharing it where its address is a multiple of 64.
 */
export function copied(values: Float32Array, shape: number[]): Tensor {
  const { binding } = nodeBackend();
  const shared = wrap({ id: binding.createTensor(shape, binding.TF_FLOAT, values), shape, dtype: binding.TF_FLOAT });
  const copy = rawOp("DeepCopy", { T: { dtype: "float32" } }, [shared]);
  shared.dispose();
  return copy;
}

/** Narrows an int32 tensor of values 0…255 to uint8. */
export function toUint8(x: Tensor): Tensor {
  return rawOp("Cast", { SrcT: { dtype: "int32" }, DstT: { dtype: "uint8" }, Truncate: { flag: false } }, [x]);
}

/** Widens a uint8 tensor to int32, so that tfjs can read or use it. */
export function castUint8(x: Tensor): Tensor {
  return rawOp("Cast", { SrcT: { dtype: "uint8" }, DstT: { dtype: "int32" }, Truncate: { flag: false } }, [x]);
}

/** Bytes of a tensor in TensorFlow's own dtype. */
export function tensorBytes(x: Tensor): number {
  const { dtype } = nodeBackend().tensorMap.get(x.dataId);
  return x.size * (dtype === DTYPES.uint8 || dtype === DTYPES.bool ? 1 : dtype === DTYPES.bfloat16 ? 2 : 4);
}
