/** onnxruntime-web as a judge of our ONNX files. It is too large for a dependency (145 MB), so it is installed aside, once. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Batch } from "../../lib/model/packing";

const PACKAGE = "onnxruntime-web@1.30.0";
const aside = join(__dirname, "..", "..", ".setup", PACKAGE);

/** A tensor of the runtime. */
export interface OrtTensor {
  data: ArrayLike<number>;
  dims: number[];
}

/** A model in the runtime. */
export interface OrtSession {
  inputNames: string[];
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
}

/** What is used of onnxruntime-web. */
export interface Ort {
  Tensor: new (type: string, data: ArrayLike<number> | BigInt64Array, dims: readonly number[]) => OrtTensor;
  InferenceSession: { create(model: Uint8Array): Promise<OrtSession> };
  env: { wasm: { numThreads: number } };
}

/** @returns the runtime, or why there is none: the registry cannot be reached */
export function loadOrt(): Ort | string {
  try {
    // npm writes it last.
    if (!existsSync(join(aside, "node_modules", ".package-lock.json"))) {
      const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
      execFileSync("npm", ["install", "--prefix", aside, ...options, PACKAGE], { stdio: "pipe", timeout: 180_000 });
    }
    const ort = createRequire(join(aside, "index.js"))("onnxruntime-web") as Ort;
    ort.env.wasm.numThreads = 1;
    return ort;
  } catch (error) {
    return `${PACKAGE} cannot be installed: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

/** Opens a model file. */
export function openOnnx(ort: Ort, file: string): Promise<OrtSession> {
  return ort.InferenceSession.create(readFileSync(file));
}

/**
 * A batch's logits, a row each; rows of different lengths are padded.
 *
 * @param adapter further inputs
 */
export async function onnxLogits(
  ort: Ort,
  session: OrtSession,
  batch: Batch,
  options: { padTokenId: number; adapter?: Record<string, OrtTensor> },
): Promise<number[][]> {
  const { inputIds, attentionMask = inputIds.map((row) => row.map(() => 1)), tokenTypeIds = [] } = batch;
  const longest = Math.max(...inputIds.map(({ length }) => length));
  const tensor = (rows: readonly (readonly number[])[], filler: number): OrtTensor => {
    const values = inputIds.flatMap((_, i) =>
      Array.from({ length: longest }, (_, k) => BigInt(rows[i]?.[k] ?? filler)),
    );
    return new ort.Tensor("int64", BigInt64Array.from(values), [inputIds.length, longest]);
  };
  const feeds = {
    input_ids: tensor(inputIds, options.padTokenId),
    attention_mask: tensor(attentionMask, 0),
    token_type_ids: tensor(tokenTypeIds, 0),
    ...options.adapter,
  };
  const wanted = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
  const { logits } = await session.run(Object.fromEntries(wanted));
  const { data, dims } = logits as OrtTensor;
  const labels = dims[1] as number;
  return inputIds.map((_, i) => Array.from(data).slice(i * labels, (i + 1) * labels));
}
