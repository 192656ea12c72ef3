/** The settings of a LoRA adapter, with PEFT's names and defaults, and their form in adapter_config.json. */
import { inspect } from "node:util";
import { FileFormatError } from "../files/errors";
import type { JsonObject } from "../files/json";

/** What {@link LoraConfig} is made from; every field has PEFT's default. */
export interface LoraOptions {
  /** Rank of the two matrices (default 8). */
  r?: number;
  /** The update is scaled by loraAlpha / r (default 8). */
  loraAlpha?: number;
  /** Dropout in front of A, in [0, 1) (default 0). */
  loraDropout?: number;
  /** Linear layers that get an adapter: their paths end with one of these (default query and value). */
  targetModules?: string[];
  /** "SEQ_CLS" also trains a copy of the classification head, as today's PEFT does; left out, the head stays frozen. */
  taskType?: "SEQ_CLS";
  /** Scale by loraAlpha / √r instead (Kalajdzievski, 2023; default false). */
  useRslora?: boolean;
  /** Modules that are trained whole and saved with the adapter, e.g. ["classifier"] (default none; SEQ_CLS: the head). */
  modulesToSave?: string[];
}

/** A LoRA adapter's settings (Hu et al., 2021). */
export class LoraConfig {
  readonly r: number;
  readonly loraAlpha: number;
  readonly loraDropout: number;
  readonly targetModules: readonly string[];
  readonly taskType: "SEQ_CLS" | undefined;
  readonly useRslora: boolean;
  readonly modulesToSave: readonly string[] | undefined;

  /** @throws {RangeError} a value is outside its range */
  constructor(options: LoraOptions = {}) {
    this.r = options.r ?? 8;
    this.loraAlpha = options.loraAlpha ?? 8;
    this.loraDropout = options.loraDropout ?? 0;
    this.targetModules = options.targetModules ?? ["query", "value"];
    this.taskType = options.taskType;
    this.useRslora = options.useRslora ?? false;
    this.modulesToSave = options.modulesToSave ?? (this.taskType === "SEQ_CLS" ? ["classifier", "score"] : undefined);
    this.check();
  }

  private check(): void {
    const expect = (name: string, value: unknown, good: boolean, what: string): void => {
      if (!good) throw new RangeError(`\`${name}\`: expected ${what}, got ${inspect(value)}.`);
    };
    expect("r", this.r, Number.isSafeInteger(this.r) && this.r > 0, "a positive integer");
    expect("loraAlpha", this.loraAlpha, Number.isFinite(this.loraAlpha) && this.loraAlpha > 0, "a positive number");
    expect("loraDropout", this.loraDropout, this.loraDropout >= 0 && this.loraDropout < 1, "a number in [0, 1)");
    expect("targetModules", this.targetModules, isNames(this.targetModules), "a list of module names");
    expect("taskType", this.taskType, [undefined, "SEQ_CLS"].includes(this.taskType), '"SEQ_CLS" or nothing');
    const saved = this.modulesToSave;
    expect("modulesToSave", saved, saved === undefined || isNames(saved), "a list of module names");
  }

  /** What B(A(x)) is multiplied with. */
  get scaling(): number {
    return this.loraAlpha / (this.useRslora ? Math.sqrt(this.r) : this.r);
  }

  /** True where the layer at this path gets the two matrices. */
  targets(path: string): boolean {
    return !this.saves(path) && this.targetModules.some((name) => path === name || path.endsWith(`.${name}`));
  }

  /** True where the layer at this path is inside a module that is trained whole. */
  saves(path: string): boolean {
    return this.modulesToSave?.some((name) => `.${path}.`.includes(`.${name}.`)) ?? false;
  }

  [inspect.custom](): string {
    return `LoraConfig(${inspect({ ...this }, { compact: true, breakLength: Infinity })})`;
  }
}

function isNames(value: readonly unknown[]): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "");
}

/**
 * The content of adapter_config.json, with the keys of PEFT 0.10 alone: older releases refuse others, newer ones fill them in.
 *
 * @param baseModel name or folder of the model it belongs to
 */
export function toAdapterConfig(config: LoraConfig, baseModel: string): JsonObject {
  const robertaClass = {
    base_model_class: "RobertaForSequenceClassification",
    parent_library: "transformers.models.roberta.modeling_roberta",
  };
  return {
    alpha_pattern: {},
    auto_mapping: config.taskType === undefined ? robertaClass : null,
    base_model_name_or_path: baseModel,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: null,
    loftq_config: {},
    lora_alpha: config.loraAlpha,
    lora_dropout: config.loraDropout,
    megatron_config: null,
    megatron_core: "megatron.core",
    modules_to_save: config.modulesToSave ?? null,
    peft_type: "LORA",
    r: config.r,
    rank_pattern: {},
    revision: null,
    target_modules: config.targetModules,
    task_type: config.taskType ?? null,
    use_dora: false,
    use_rslora: config.useRslora,
  };
}

/** Fields of other PEFT variants, which change the result: they are refused where they are set. */
const UNSUPPORTED = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "alora_invocation_tokens",
  "arrow_config",
  "corda_config",
  "eva_config",
  "exclude_modules",
  "fan_in_fan_out",
  "kasa_config",
  "layer_replication",
  "layers_to_transform",
  "lora_bias",
  "lora_ga_config",
  "megatron_config",
  "monteclora_config",
  "target_parameters",
  "trainable_token_indices",
  "velora_config",
  "rank_pattern",
  "alpha_pattern",
];

/**
 * Reads the settings from adapter_config.json's content.
 *
 * @param file is named in errors
 * @throws {FileFormatError} a field is of another kind of adapter, or has a wrong value
 */
export function fromAdapterConfig(json: JsonObject, file: string): LoraConfig {
  const fail = (problem: string): never => {
    throw new FileFormatError(file, problem);
  };
  if (json.peft_type !== "LORA") fail(`\`peft_type\`: expected "LORA", got ${JSON.stringify(json.peft_type)}.`);
  if ((json.bias ?? "none") !== "none") fail(`\`bias\`: expected "none", got ${JSON.stringify(json.bias)}.`);
  for (const name of UNSUPPORTED) {
    if (isSet(json[name])) fail(`\`${name}\`: expected it unset, got ${JSON.stringify(json[name])}: not supported.`);
  }
  const taskType = json.task_type ?? undefined;
  if (taskType !== undefined && taskType !== "SEQ_CLS") {
    fail(`\`task_type\`: expected "SEQ_CLS" or null, got ${JSON.stringify(taskType)}.`);
  }
  const options = {
    r: json.r ?? undefined,
    loraAlpha: json.lora_alpha ?? undefined,
    loraDropout: json.lora_dropout ?? undefined,
    targetModules: json.target_modules ?? undefined,
    taskType,
    useRslora: json.use_rslora ?? undefined,
    modulesToSave: json.modules_to_save ?? undefined,
  };
  try {
    // The constructor checks every value, whatever its type.
    return new LoraConfig(options as LoraOptions);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
