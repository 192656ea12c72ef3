/** How an ONNX file holds a model's weights, and how its operators use them. What is computed is float32 but for q8's products. */
import { narrowToFloat16 } from "../files/dtypes";
import type { GraphBuilder } from "./builder";
import { quantized, rowScales, transposed, type Weight, type WeightReader } from "./weights";

/** Number formats of the weights, by the names of transformers.js: float32, float16, and whole numbers of 8 bits. */
export type OnnxDtype = "fp32" | "fp16" | "q8";

/** The largest code of a table's rows. */
const TABLE_LEVELS = 127;
/** The largest code of a matrix: processors without VNNI add two products of a byte and a code in 16 bits. */
const MATRIX_LEVELS = 63;
/** Tables and matrices with fewer rows stay exact: their size counts for nothing, and a head's last layer decides. */
const FEW_ROWS = 100;

/** What a graph's weights are. */
export interface StoredWeights {
  weight: WeightReader;
  dtype: OnnxDtype;
  /** Weights that are not in the file but inputs of the graph, and the names of those. */
  inputs: ReadonlyMap<string, string>;
}

/** The weights of one graph in one number format. */
export class WeightStorage {
  readonly #graph: GraphBuilder;
  readonly #dtype: OnnxDtype;
  readonly #weight: WeightReader;
  readonly #inputs: ReadonlyMap<string, string>;

  constructor(graph: GraphBuilder, { weight, dtype, inputs }: StoredWeights) {
    this.#graph = graph;
    this.#dtype = dtype;
    this.#weight = weight;
    this.#inputs = inputs;
  }

  /** A weight as it is. */
  parameter(name: string): string {
    const weight = this.#weight(name);
    const input = this.#inputs.get(name);
    if (input !== undefined) return this.#graph.input(input, "float32", weight.shape);
    return this.#float(name, weight.shape, () => weight.values());
  }

  #float(name: string, shape: readonly number[], values: () => Float32Array): string {
    const graph = this.#graph;
    if (this.#dtype !== "fp16") return graph.store(name, "float32", shape, values);
    return graph.cast(
      graph.store(name, "float16", shape, () => narrowToFloat16(values())),
      "float32",
    );
  }

  /** Rows of a table: [rows, hidden] and indices of any shape → [...indices, hidden] */
  rows(name: string, indices: string): string {
    const graph = this.#graph;
    const weight = this.#weight(name);
    const { rows, columns } = sizesOf(weight);
    if (!this.#isQuantized(name)) return graph.op("Gather", [this.parameter(name), indices]);
    const codes = graph.store(`${name}_q8`, "int8", [rows, columns], () =>
      quantized(weight.values(), columns, TABLE_LEVELS),
    );
    const scales = graph.store(`${name}_scale`, "float32", [rows, 1], () =>
      rowScales(weight.values(), columns, TABLE_LEVELS),
    );
    const taken = graph.cast(graph.op("Gather", [codes, indices]), "float32");
    return graph.op("Mul", [taken, graph.op("Gather", [scales, indices])]);
  }

  /** x · Wᵀ, where W is [out, in] in the model and lies turned round in the file. [..., in] → [..., out] */
  product(x: string, name: string): string {
    const graph = this.#graph;
    const weight = this.#weight(name);
    const { rows: out, columns: inside } = sizesOf(weight);
    if (this.#inputs.has(name)) return this.#timesTransposed(x, this.parameter(name));
    const turned = `${name}_T`;
    if (!this.#isQuantized(name)) {
      const matrix = this.#float(turned, [inside, out], () => transposed(weight.values(), inside));
      return graph.op("MatMul", [x, matrix]);
    }
    const codes = graph.store(`${turned}_q8`, "int8", [inside, out], () =>
      transposed(quantized(weight.values(), inside, MATRIX_LEVELS), inside),
    );
    const scales = graph.store(`${turned}_scale`, "float32", [out], () =>
      rowScales(weight.values(), inside, MATRIX_LEVELS),
    );
    const [bytes, scale, zero] = graph.ops("DynamicQuantizeLinear", [x], 3) as [string, string, string];
    const sums = graph.cast(graph.op("MatMulInteger", [bytes, codes, zero]), "float32");
    return graph.op("Mul", [sums, graph.op("Mul", [scale, scales])]);
  }

  /** B(A(x)) of an adapter, whose matrices are inputs as PEFT's files have them, with the scaling in B. [..., in] → [..., out] */
  update(x: string, path: string): string | undefined {
    const [nameA, nameB] = ["A", "B"].map((matrix) => this.#inputs.get(`${path}.lora_${matrix}.weight`));
    if (nameA === undefined || nameB === undefined) return undefined;
    const { rows: out, columns: inside } = sizesOf(this.#weight(`${path}.weight`));
    // Each layer's rank has a name of its own: by patterns they differ.
    const rank = `${path}.rank`;
    const down = this.#timesTransposed(x, this.#graph.input(nameA, "float32", [rank, inside]));
    return this.#timesTransposed(down, this.#graph.input(nameB, "float32", [out, rank]));
  }

  #timesTransposed(x: string, matrix: string): string {
    return this.#graph.op("MatMul", [x, this.#graph.op("Transpose", [matrix])]);
  }

  #isQuantized(name: string): boolean {
    return this.#dtype === "q8" && sizesOf(this.#weight(name)).rows >= FEW_ROWS && !this.#inputs.has(name);
  }
}

function sizesOf({ shape: [rows = 0, columns = 0] }: Weight): { rows: number; columns: number } {
  return { rows, columns };
}
