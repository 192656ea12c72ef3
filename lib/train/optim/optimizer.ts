/** Divides parameters into groups that are updated as one flat vector each. */

import { FileFormatError } from "../../files/errors";
import type { SafetensorsFile, TensorData } from "../../files/safetensors";
import type { Parameter } from "../../model/parameters";
import { castUint8, tensorBytes, toUint8 } from "../../tensor/raw-op";
import { type Tensor, tf } from "../../tensor/tensorflow";
import type { ResolvedArguments } from "../arguments";
import { type AdamOptions, AdamWRule, type UpdateRule } from "./adamw";
import { AdamW8bitRule, MIN_8BIT_SIZE } from "./adamw-8bit";
import { SgdRule } from "./sgd";

/** Parameters that share a rule, as one vector. */
interface Group {
  parameters: Parameter[];
  rule: UpdateRule;
  /** Their rate over the step's. */
  rateRatio: number;
}

/** Size of the optimizer's state. */
export interface OptimizerSummary {
  /** Tensors with 8-bit moments. */
  tensors8bit: number;
  /** Elements of those tensors. */
  elements8bit: number;
  /** Bytes of their moments, block maxima included. */
  bytes8bit: number;
  /** Tensors with 32-bit moments; with an 8-bit optimizer those of fewer than 4,096 elements. */
  tensors32bit: number;
}

/** AdamW with 8-bit or 32-bit state, or SGD, over a list of parameters. */
export class Optimizer {
  private readonly groups: Group[];
  private count = 0;

  /** @param args optim, betas, epsilon, weight decay, block size and loraplusLrRatio */
  constructor(parameters: readonly Parameter[], args: ResolvedArguments) {
    this.groups = divide(parameters, args).map(({ members, ...traits }) => ({
      parameters: members,
      rule: makeRule(members, traits, args),
      rateRatio: traits.rateRatio,
    }));
  }

  /** The gradients of all parameters as one vector a group, ready to be clipped. Disposes `gradients`. */
  flatten(gradients: Map<Parameter, Tensor>): Tensor[] {
    const vectors = this.groups.map(({ parameters }) =>
      tf.tidy(() => flat(parameters.map((parameter) => gradients.get(parameter) ?? tf.zeros(parameter.shape)))),
    );
    tf.dispose([...gradients.values()]);
    return vectors;
  }

  /** Makes one step. `gradients` come from {@link Optimizer.flatten} and are disposed. */
  step(gradients: Tensor[], learningRate: number): void {
    this.count++;
    this.groups.forEach(({ parameters, rule, rateRatio }, i) => {
      tf.tidy(() => {
        const before = flat(parameters.map(({ value }) => value as Tensor));
        const after = rule.update(before, gradients[i] as Tensor, {
          count: this.count,
          learningRate: learningRate * rateRatio,
        });
        const shapes = parameters.map(({ shape }) => shape);
        for (const [k, part] of unflat(after, shapes).entries()) parameters[k]?.assign(part);
      });
    });
    tf.dispose(gradients);
  }

  /** @returns how many tensors have 8-bit state, and its bytes */
  summary(): OptimizerSummary {
    const small = this.groups.filter(({ rule }) => rule instanceof AdamW8bitRule);
    const large = this.groups.filter(({ rule }) => !(rule instanceof AdamW8bitRule));
    const total = (groups: Group[], count: (group: Group) => number): number =>
      groups.reduce((sum, group) => sum + count(group), 0);
    return {
      tensors8bit: total(small, ({ parameters }) => parameters.length),
      elements8bit: total(small, ({ parameters }) => parameters.reduce((sum, { size }) => sum + size, 0)),
      bytes8bit: total(small, ({ rule }) => Object.values(rule.state).reduce((sum, x) => sum + tensorBytes(x), 0)),
      tensors32bit: total(large, ({ parameters }) => parameters.length),
    };
  }

  /** The moments, for a checkpoint. */
  state(): Map<string, TensorData> {
    return new Map(
      this.groups.flatMap(({ rule }, i) =>
        Object.entries(rule.state).map(([name, tensor]) => [`${i}.${name}`, toData(tensor)] as const),
      ),
    );
  }

  /**
   * Loads the moments of a checkpoint.
   *
   * @param count steps made until it was written
   * @throws {FileFormatError} they are of another optimizer or of other parameters; nothing is changed then
   */
  load(file: SafetensorsFile, count: number): void {
    for (const [i, { rule }] of this.groups.entries()) {
      for (const [name, tensor] of Object.entries(rule.state)) {
        const shape = file.tensors.get(`${i}.${name}`)?.shape.join();
        if (shape !== tensor.shape.join()) {
          throw new FileFormatError(
            file.path,
            `\`${i}.${name}\`: expected [${tensor.shape}], got ${shape}. Resume with the same parameters and optimizer.`,
          );
        }
      }
    }
    for (const [i, { rule }] of this.groups.entries()) {
      for (const [name, tensor] of Object.entries(rule.state)) {
        rule.state[name] = fromFile(file, `${i}.${name}`, tensor);
        tensor.dispose();
      }
    }
    this.count = count;
  }

  /** Frees the moments. */
  dispose(): void {
    for (const { rule } of this.groups) rule.dispose();
  }
}

/** Runs of neighbours whose rows are equally long: they are joined and parted without being reshaped one by one. */
function runs(shapes: readonly (readonly number[])[]): (readonly number[])[][] {
  const result: (readonly number[])[][] = [];
  for (const shape of shapes) {
    const last = result.at(-1);
    if (last !== undefined && String(last[0]?.slice(1)) === String(shape.slice(1))) last.push(shape);
    else result.push([shape]);
  }
  return result;
}

/** Tensors behind each other, as one vector. */
function flat(tensors: readonly Tensor[]): Tensor {
  let next = 0;
  const parts = runs(tensors.map(({ shape }) => shape)).map((run) => {
    const members = tensors.slice(next, next + run.length);
    next += run.length;
    return (members.length === 1 ? (members[0] as Tensor) : tf.concat([...members], 0)).flatten();
  });
  return parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts);
}

/** The reverse of {@link flat}. */
function unflat(vector: Tensor, shapes: readonly (readonly number[])[]): Tensor[] {
  const rowsOf = (shape: readonly number[]): number => shape[0] ?? 1;
  const groups = runs(shapes);
  const sizes = groups.map((run) => run.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0));
  const parts = groups.length === 1 ? [vector] : tf.split(vector, sizes);
  return groups.flatMap((run, i) => {
    const rows = run.map(rowsOf);
    const joined = tf.reshape(parts[i] as Tensor, [rows.reduce((a, b) => a + b, 0), ...(run[0] ?? []).slice(1)]);
    return run.length === 1 ? [joined] : tf.split(joined, rows);
  });
}

/** What the parameters of a group have in common. */
interface Traits {
  quantized: boolean;
  weightDecay: number;
  rateRatio: number;
}

/** Names of biases and layer norms, as the Trainer tells them from what decays. */
const NO_DECAY = /bias|layernorm|rmsnorm|(^|\.)norm(\.|$)|_norm(\.|$)/i;

/** One group for each combination of traits; a tensor that would end inside a block gets a group of its own. */
function divide(parameters: readonly Parameter[], args: ResolvedArguments): (Traits & { members: Parameter[] })[] {
  const groups = new Map<string, Traits & { members: Parameter[] }>();
  for (const parameter of parameters) {
    const traits: Traits = {
      quantized: hasEightBits(args) && parameter.size >= MIN_8BIT_SIZE,
      weightDecay: NO_DECAY.test(parameter.name) ? 0 : args.weightDecay,
      rateRatio: isFast(parameter) ? args.loraplusLrRatio : 1,
    };
    const alone = traits.quantized && parameter.size % args.optimBlockSize !== 0 ? parameter.name : "";
    const key = JSON.stringify([traits, alone]);
    const group = groups.get(key) ?? { members: [], ...traits };
    group.members.push(parameter);
    groups.set(key, group);
  }
  // Neighbours of one kind make few operations of many: see `runs`.
  const rowOf = ({ shape }: Parameter): string => String(shape.slice(1));
  for (const { members } of groups.values()) members.sort((a, b) => rowOf(a).localeCompare(rowOf(b)));
  return [...groups.values()];
}

/** What has LoRA+'s higher rate (Hayou et al., 2024), by PEFT's `create_loraplus_optimizer`: B, and every vector. */
function isFast({ name, shape }: Parameter): boolean {
  return name.includes("lora_B") || shape.length === 1;
}

function hasEightBits({ optim }: ResolvedArguments): boolean {
  return optim.endsWith("8bit");
}

function makeRule(members: readonly Parameter[], traits: Traits, args: ResolvedArguments): UpdateRule {
  const { weightDecay } = traits;
  if (args.optim === "sgd") return new SgdRule(weightDecay);
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon } = args;
  const options: AdamOptions = { beta1, beta2, epsilon, weightDecay };
  const size = members.reduce((total, parameter) => total + parameter.size, 0);
  if (traits.quantized) return new AdamW8bitRule(size, options, args.optimBlockSize);
  return new AdamWRule(size, options, hasEightBits(args) ? "bitsandbytes" : "torch");
}

function toData(tensor: Tensor): TensorData {
  if (tensor.dtype !== "bool") return { shape: tensor.shape, values: tensor.dataSync() as Float32Array };
  const wide = castUint8(tensor);
  const values = Uint8Array.from(wide.dataSync());
  wide.dispose();
  return { shape: tensor.shape, values };
}

function fromFile(file: SafetensorsFile, name: string, like: Tensor): Tensor {
  return tf.tidy(() => {
    const values = file.read(name);
    if (like.dtype !== "bool") return tf.keep(tf.tensor(values as Float32Array, like.shape));
    return tf.keep(toUint8(tf.tensor(Int32Array.from(values as Uint8Array), like.shape, "int32")));
  });
}
