/**
 * The part of ONNX's protobuf that a classifier needs; field numbers are those of onnx.proto, IR version 8. A message is a
 * list of pieces, and a tensor's bytes are made when their turn comes, so that nothing large is held.
 */

/** Bytes, or bytes of a known length that are made when they are written. */
type Piece = Uint8Array | { readonly length: number; readonly make: () => Uint8Array };
type Message = readonly Piece[];

/** The element types that are used, by their numbers in `TensorProto.DataType`. */
export const DATA_TYPES = { float32: 1, int8: 3, int64: 7, float16: 10 } as const;
export type DataType = keyof typeof DATA_TYPES;

const ELEMENT_BYTES: Readonly<Record<DataType, number>> = { float32: 4, int8: 1, int64: 8, float16: 2 };

/** A tensor that is part of the model. */
export interface StoredTensor {
  name: string;
  type: DataType;
  shape: readonly number[];
  /** Its elements, row-major; asked for when they are written, and forgotten. */
  make: () => ArrayBufferView;
}

/** An input or an output; an axis of any size has a name instead. */
export interface ValueInfo {
  name: string;
  type: DataType;
  shape: readonly (number | string)[];
}

/** A setting of an operator: a whole number, a list of them, or a number with a fraction. */
export type Attribute = number | readonly number[] | { float: number };

/** An operator with the names of what it reads and gives. */
export interface GraphNode {
  type: string;
  name: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** Operators in the order of their computation, tensors, inputs and outputs. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly tensors: readonly StoredTensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Bytes of a tensor's elements. */
export function byteLength({ type, shape }: StoredTensor): number {
  return shape.reduce((product, axis) => product * axis, ELEMENT_BYTES[type]);
}

/** A whole model file, piece by piece. @param opset version of the operators */
export function* modelBytes(graph: Graph, opset: number): Generator<Uint8Array> {
  const model = [
    ...int(1, 8),
    ...text(2, "ethics-for-robots"),
    ...block(7, graphMessage(graph)),
    ...block(8, int(2, opset)),
  ];
  for (const piece of model) yield piece instanceof Uint8Array ? piece : piece.make();
}

function graphMessage({ nodes, tensors, inputs, outputs }: Graph): Message {
  return [
    ...nodes.flatMap((node) => block(1, nodeMessage(node))),
    ...text(2, "classifier"),
    ...tensors.flatMap((tensor) => block(5, tensorMessage(tensor))),
    ...inputs.flatMap((value) => block(11, valueMessage(value))),
    ...outputs.flatMap((value) => block(12, valueMessage(value))),
  ];
}

function nodeMessage({ type, name, inputs, outputs, attributes }: GraphNode): Message {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...outputs.flatMap((output) => text(2, output)),
    ...text(3, name),
    ...text(4, type),
    ...Object.entries(attributes).flatMap(([key, value]) => block(5, [...text(1, key), ...attributeMessage(value)])),
  ];
}

function attributeMessage(value: Attribute): Message {
  if (typeof value === "number") return [...int(3, value), ...int(20, 2)];
  return "float" in value
    ? [...float(2, value.float), ...int(20, 1)]
    : [...value.flatMap((item) => int(8, item)), ...int(20, 7)];
}

function tensorMessage(tensor: StoredTensor): Message {
  const make = (): Uint8Array => {
    const { buffer, byteOffset, byteLength } = tensor.make();
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  const axes = tensor.shape.flatMap((axis) => int(1, axis));
  return [
    ...axes,
    ...int(2, DATA_TYPES[tensor.type]),
    ...text(8, tensor.name),
    ...block(9, [{ length: byteLength(tensor), make }]),
  ];
}

function valueMessage({ name, type, shape }: ValueInfo): Message {
  const axes = shape.flatMap((axis) => block(1, typeof axis === "number" ? int(1, axis) : text(2, axis)));
  return [...text(1, name), ...block(2, block(1, [...int(1, DATA_TYPES[type]), ...block(2, axes)]))];
}

/** 7 bits a byte, the lowest first; a negative number as 64 bits in two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function int(field: number, value: number): Message {
  return [varint(field << 3), varint(value)];
}

function float(field: number, value: number): Message {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [varint((field << 3) | 5), bytes];
}

function block(field: number, content: Message): Message {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return [varint((field << 3) | 2), varint(length), ...content];
}

function text(field: number, value: string): Message {
  return block(field, [new TextEncoder().encode(value)]);
}
