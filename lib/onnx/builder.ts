/** Builds an ONNX graph, operator by operator; values are known by their names. */
import {
  type Attribute,
  DATA_TYPES,
  type DataType,
  type Graph,
  type GraphNode,
  type StoredTensor,
  type ValueInfo,
} from "./proto";

/** A graph under construction. */
export class GraphBuilder implements Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly #tensors = new Map<string, StoredTensor>();

  get tensors(): StoredTensor[] {
    return [...this.#tensors.values()];
  }

  /** Adds an operator with one output. @returns the output's name */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.ops(type, inputs, 1, attributes)[0] as string;
  }

  /** Adds an operator. @returns the names of its outputs */
  ops(
    type: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const name = `${type}_${this.nodes.length}`;
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    this.nodes.push({ type, name, inputs, outputs, attributes });
    return outputs;
  }

  /** Adds a tensor, once for each name. @returns its name */
  store(name: string, type: DataType, shape: readonly number[], make: () => ArrayBufferView): string {
    if (!this.#tensors.has(name)) this.#tensors.set(name, { name, type, shape, make });
    return name;
  }

  /** Whole numbers, [count]. */
  ints(...values: number[]): string {
    return this.store(`ints_${values.join("_")}`, "int64", [values.length], () => BigInt64Array.from(values, BigInt));
  }

  /** A whole number without axes. */
  int(value: number): string {
    return this.store(`int_${value}`, "int64", [], () => BigInt64Array.of(BigInt(value)));
  }

  /** A number without axes. */
  float(value: number): string {
    return this.store(`float_${value}`, "float32", [], () => Float32Array.of(value));
  }

  /** Values as another type. */
  cast(value: string, type: DataType): string {
    return this.op("Cast", [value], { to: DATA_TYPES[type] });
  }

  /** Adds an input of the graph, once for each name. @returns its name */
  input(name: string, type: DataType, shape: ValueInfo["shape"]): string {
    if (!this.inputs.some((input) => input.name === name)) this.inputs.push({ name, type, shape });
    return name;
  }

  /** Gives a value the name by which it leaves the graph. */
  output(value: string, name: string, shape: ValueInfo["shape"]): void {
    this.nodes.push({ type: "Identity", name, inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type: "float32", shape });
  }
}
