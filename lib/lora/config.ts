/** The settings of a LoRA adapter, with PEFT's names, defaults and meaning. */
import { inspect } from "node:util";
import { checkOptions } from "../process/options";
import { LORA_OPTIONS, REFUSED, WITHOUT_EFFECT } from "./fields";
import type { LoraBias, LoraInit, LoraOptions } from "./options";
import { pythonRegex } from "./python-regex";

export type { LoraBias, LoraInit, LoraOptions };

/** Most expressions, and most instructions in all of them together: enough for a rank and an alpha for each layer of a large model. */
const [MAX_EXPRESSIONS, MAX_INSTRUCTIONS] = [1000, 2 ** 16];

/** The head's names in Hugging Face's classifiers: what SEQ_CLS trains. */
const HEAD_NAMES = ["classifier", "score"];

/**
 * A LoRA adapter's settings (Hu et al., 2021).
 *
 * @example
 * ```ts
 * import { LoraConfig } from "ethics-for-robots";
 *
 * const small = new LoraConfig({ r: 8, loraAlpha: 8 });
 * const large = new LoraConfig({ r: 16, loraAlpha: 32, targetModules: "all-linear", loraDropout: 0.1, bias: "lora_only" });
 * ```
 */
export class LoraConfig {
  readonly r: number;
  readonly loraAlpha: number;
  readonly loraDropout: number;
  readonly targetModules: readonly string[] | string | undefined;
  readonly excludeModules: readonly string[] | string | undefined;
  readonly taskType: "SEQ_CLS" | undefined;
  readonly useRslora: boolean;
  readonly modulesToSave: readonly string[] | undefined;
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly layersToTransform: readonly number[] | number | undefined;
  readonly layersPattern: readonly string[] | string | undefined;
  readonly bias: LoraBias;
  readonly useDora: boolean;
  readonly loraBias: boolean;
  readonly initLoraWeights: LoraInit;

  /** @throws {RangeError} a value is outside its range, or two of them contradict each other */
  constructor(options: LoraOptions = {}) {
    checkOptions("LoraConfig", options, LORA_OPTIONS, { ...WITHOUT_EFFECT, ...REFUSED });
    this.r = options.r ?? 8;
    this.loraAlpha = options.loraAlpha ?? 8;
    this.loraDropout = options.loraDropout ?? 0;
    this.targetModules = options.targetModules;
    // Empty ones mean none, as in PEFT.
    this.excludeModules = options.excludeModules?.length === 0 ? undefined : options.excludeModules;
    this.taskType = options.taskType;
    this.useRslora = options.useRslora ?? false;
    this.modulesToSave = options.modulesToSave;
    this.rankPattern = options.rankPattern ?? {};
    this.alphaPattern = options.alphaPattern ?? {};
    this.layersToTransform = options.layersToTransform;
    this.layersPattern = options.layersPattern?.length === 0 ? undefined : options.layersPattern;
    this.bias = options.bias ?? "none";
    this.useDora = options.useDora ?? false;
    this.loraBias = options.loraBias ?? false;
    this.initLoraWeights = options.initLoraWeights ?? true;
    this.#check();
    if (this.taskType === "SEQ_CLS") this.modulesToSave = [...new Set([...(this.modulesToSave ?? []), ...HEAD_NAMES])];
  }

  #expect(name: keyof LoraConfig, good: boolean, what: string): void {
    if (!good) throw new RangeError(`\`${String(name)}\`: expected ${what}, got ${inspect(this[name])}.`);
  }

  #check(): void {
    const expect = this.#expect.bind(this);
    const targets = this.targetModules;
    const byExpression = typeof targets === "string";
    expect("r", isCount(this.r), "a positive integer");
    expect("loraAlpha", Number.isFinite(this.loraAlpha), "a finite number");
    expect("loraDropout", isShare(this.loraDropout), "a number in [0, 1)");
    expect(
      "targetModules",
      targets === undefined || (byExpression ? targets !== "" : isNames(targets)),
      'a list of module names, a regular expression of their paths or "all-linear"',
    );
    const excluded = this.excludeModules;
    expect(
      "excludeModules",
      excluded === undefined || typeof excluded === "string" || isNames(excluded),
      "a list of module names or a regular expression of their paths",
    );
    expect("taskType", [undefined, "SEQ_CLS"].includes(this.taskType), '"SEQ_CLS" or nothing');
    expect("modulesToSave", this.modulesToSave === undefined || isNames(this.modulesToSave), "a list of module names");
    expect("rankPattern", isPattern(this.rankPattern, isCount), "an object of positive integers");
    expect("alphaPattern", isPattern(this.alphaPattern, Number.isFinite), "an object of finite numbers");
    const layers = [this.layersToTransform ?? []].flat();
    expect(
      "layersToTransform",
      layers.every((layer) => Number.isSafeInteger(layer) && layer >= 0),
      "layer numbers from 0",
    );
    const patterns = [this.layersPattern ?? []].flat();
    expect(
      "layersPattern",
      patterns.every((name) => typeof name === "string"),
      "names of lists of layers",
    );
    expect(
      "layersToTransform",
      this.layersToTransform === undefined || !byExpression,
      "nothing beside an expression in `targetModules`",
    );
    expect(
      "layersPattern",
      this.layersPattern === undefined || !byExpression,
      "nothing beside an expression in `targetModules`",
    );
    expect(
      "layersPattern",
      patterns.length === 0 || this.layersToTransform !== undefined,
      "`layersToTransform` beside it",
    );
    expect("bias", ["none", "all", "lora_only"].includes(this.bias), '"none", "all" or "lora_only"');
    this.#checkFirstValues();
    this.#checkExpressions();
  }

  #checkFirstValues(): void {
    const expect = this.#expect.bind(this);
    const inits = [true, false, "gaussian", "orthogonal"];
    expect("initLoraWeights", inits.includes(this.initLoraWeights), 'true, false, "gaussian" or "orthogonal"');
    if (this.initLoraWeights === "orthogonal") {
      const even = (rank: number): boolean => rank % 2 === 0;
      expect("r", even(this.r), 'an even rank with initLoraWeights "orthogonal"');
      expect(
        "rankPattern",
        Object.values(this.rankPattern).every(even),
        'even ranks with initLoraWeights "orthogonal"',
      );
    }
    if (this.loraBias) {
      expect("initLoraWeights", typeof this.initLoraWeights === "boolean", "true or false beside `loraBias`");
      expect("loraBias", !this.useDora, "no bias of B beside `useDora`");
    }
  }

  /** Expressions are read at once, so that a wrong one is an error of the settings, not of the model. */
  #checkExpressions(): void {
    const whole = [this.targetModules, this.excludeModules].filter((given) => typeof given === "string");
    const patterns = [this.layersPattern ?? []].flat();
    const keys = [...Object.keys(this.rankPattern), ...Object.keys(this.alphaPattern), ...patterns];
    let size = 0;
    for (const key of [...whole, ...keys]) {
      size += pythonRegex(key).size;
      if (keys.length > MAX_EXPRESSIONS || size > MAX_INSTRUCTIONS)
        throw new RangeError("expected fewer or shorter regular expressions in the settings.");
    }
  }

  /** These settings with some of them changed. */
  with(changes: LoraOptions): LoraConfig {
    return new LoraConfig({ ...this, ...changes } as LoraOptions);
  }

  /** Rank of the matrices at this path. */
  rankOf(path: string): number {
    return firstFit(this.rankPattern, path) ?? this.r;
  }

  /** Alpha at this path. */
  alphaOf(path: string): number {
    return firstFit(this.alphaPattern, path) ?? this.loraAlpha;
  }

  /** The factor of B(A(x)) at this path. */
  scalingOf(path: string): number {
    const rank = this.rankOf(path);
    return this.alphaOf(path) / (this.useRslora ? Math.sqrt(rank) : rank);
  }

  /** Whether every linear layer is a target. */
  get allLinear(): boolean {
    return typeof this.targetModules === "string" && this.targetModules.toLowerCase() === "all-linear";
  }

  /** Whether the module at this path gets the two matrices; "all-linear" takes any. */
  targets(path: string): boolean {
    return !this.excludes(path) && !this.#skips(path) && this.names(path);
  }

  /** Whether `excludeModules` names the module at this path. */
  #skips(path: string): boolean {
    const { excludeModules: excluded = [] } = this;
    if (typeof excluded === "string") return pythonRegex(excluded).test(path);
    return excluded.some((name) => path === name || path.endsWith(`.${name}`));
  }

  /** Whether `targetModules` names the module at this path, even if it is trained whole. */
  names(path: string): boolean {
    const { targetModules: targets = [] } = this;
    if (this.allLinear) return true;
    if (typeof targets === "string") return pythonRegex(targets).test(path);
    // A whole path counts in every layer, as in PEFT.
    if (targets.includes(path)) return true;
    return targets.some((name) => path.endsWith(`.${name}`)) && this.#inLayers(path);
  }

  #inLayers(path: string): boolean {
    const layers = this.layersToTransform;
    if (layers === undefined || (typeof layers !== "number" && layers.length === 0)) return true;
    const patterns = [this.layersPattern ?? []].flat();
    const lists = patterns.length === 0 ? ["[^.]*"] : patterns;
    for (const list of lists) {
      const before = patterns.length === 0 ? ".*?\\." : "(?:|.*?\\.)";
      const framed = (body: string): string => `^(?:${before}${body}\\.(?P<layer>\\d+)\\.)`;
      const number = pythonRegex(list, framed).group(path, "layer");
      if (number !== undefined) return [layers].flat().includes(Number(number));
    }
    return false;
  }

  /** Whether the module at this path, or one around it, is named in `modulesToSave`: it gets no matrices. */
  excludes(path: string): boolean {
    return this.modulesToSave?.some((name) => `.${path}.`.includes(`.${name}.`)) ?? false;
  }

  /** Whether the module at this path is trained whole: PEFT compares ends of paths, so "classifier" also takes "pre_classifier". */
  saves(path: string): boolean {
    return this.modulesToSave?.some((name) => path.endsWith(name)) ?? false;
  }

  [inspect.custom](): string {
    return `LoraConfig(${inspect({ ...this }, { compact: true, breakLength: Infinity })})`;
  }
}

/** The value of the first expression that matches the end of a path. */
function firstFit(patterns: Readonly<Record<string, number>>, path: string): number | undefined {
  const key = Object.keys(patterns).find((key) => pythonRegex(key, (body) => `^(?:.*\\.)?(?:${body})$`).test(path));
  return key === undefined ? undefined : patterns[key];
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isShare(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 1;
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string" && name !== "");
}

function isPattern(value: unknown, good: (value: unknown) => boolean): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(good);
}
