/**
 * A reader of the pickles inside PyTorch checkpoints. It builds dictionaries, tuples, numbers and descriptions of tensors and
 * refuses every other opcode and global, so that no file can run anything.
 */

/** A tensor as its pickle describes it: elements of a storage, by offset and strides. */
export interface TensorDescription {
  kind: "tensor";
  storage: StorageDescription;
  /** First element. */
  offset: number;
  shape: number[];
  /** Elements between neighbours along each axis. */
  stride: number[];
}

/** A block of elements that lies in an entry of its own. */
export interface StorageDescription {
  kind: "storage";
  /** torch's class, e.g. "FloatStorage". */
  type: string;
  /** Name of its entry. */
  key: string;
  /** Number of elements. */
  count: number;
}

type Value =
  | number
  | boolean
  | string
  | null
  | Value[]
  | Map<Value, Value>
  | TensorDescription
  | StorageDescription
  | { kind: "global"; name: string }
  | { kind: "mark" };

const STORAGES = ["Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"];
const GLOBALS = new Set([
  "collections.OrderedDict",
  "torch._utils._rebuild_tensor_v2",
  "torch._utils._rebuild_parameter",
  ...STORAGES.map((name) => `torch.${name}Storage`),
]);

/** A tensor takes about 40 opcodes, which make six containers: room for 40,000 tensors, and an end for what only fills memory. */
const MAX_OPCODES = 2 ** 21;
const MAX_CONTAINERS = 2 ** 18;
/** As many as torch computes with. */
const MAX_AXES = 64;

const MARK: Value = { kind: "mark" };
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the pickle of a state dict.
 *
 * @param bytes the content of data.pkl
 * @returns the tensors by name; other entries of the dictionary are left out
 * @throws the pickle is cut off or holds anything but a state dict
 */
export function readStateDict(bytes: Uint8Array): Map<string, TensorDescription> {
  const value = new Unpickler(bytes).run();
  if (!(value instanceof Map)) throw new Error("expected a dictionary of tensors in the pickle, got something else.");
  const tensors = new Map<string, TensorDescription>();
  for (const [name, item] of value) {
    if (typeof name === "string" && isKind(item, "tensor")) tensors.set(name, item);
  }
  return tensors;
}

function isKind<K extends "tensor" | "storage" | "global" | "mark">(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { kind: K }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: Value[] = [];
  readonly #memo = new Map<number, Value>();
  #position = 0;
  #containers = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Value {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const opcode = this.#view.getUint8(this.#take(1));
      if (opcode === 0x2e) return this.pop(); // STOP
      const operation = OPCODES[opcode];
      if (operation === undefined) {
        throw new Error(`expected the opcodes of a state dict in the pickle, got 0x${opcode.toString(16)}; refused.`);
      }
      operation(this);
    }
    throw new Error(`expected at most ${MAX_OPCODES} opcodes in the pickle, got more; refused.`);
  }

  /** Moves on by `count` bytes. @returns where they start */
  #take(count: number): number {
    const start = this.#position;
    if (count < 0 || start + count > this.#bytes.length)
      throw new Error("expected more bytes in the pickle: it is cut off.");
    this.#position += count;
    return start;
  }

  unsigned(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    return size === 1
      ? this.#view.getUint8(at)
      : size === 2
        ? this.#view.getUint16(at, true)
        : this.#view.getUint32(at, true);
  }

  signed(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** LONG1: a length and as many bytes of a little-endian two's complement integer. */
  long(): number {
    const length = this.unsigned(1);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.unsigned(1)) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * Math.max(1, length), value));
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  text(): string {
    const length = this.unsigned(4);
    const start = this.#take(length);
    return UTF8.decode(this.#bytes.subarray(start, start + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const start = this.#take(end - this.#position + 1);
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  global(): void {
    const name = `${this.#line()}.${this.#line()}`;
    if (!GLOBALS.has(name)) throw new Error(`expected only tensors in the pickle, got the global ${name}; refused.`);
    this.push({ kind: "global", name });
  }

  push(value: Value): void {
    this.#stack.push(value);
  }

  /** Puts a new list, tuple or dictionary on the stack. */
  pushNew(container: Value[] | Map<Value, Value>): void {
    this.#containers += 1;
    if (this.#containers > MAX_CONTAINERS) throw new Error("expected fewer tuples, lists and dictionaries; refused.");
    this.push(container);
  }

  pop(): Value {
    const value = this.#stack.pop();
    if (value === undefined) throw new Error("expected a value on the pickle's stack, got none.");
    return value;
  }

  top(): Value {
    const value = this.pop();
    this.push(value);
    return value;
  }

  popToMark(): Value[] {
    const mark = this.#stack.findLastIndex((value) => isKind(value, "mark"));
    if (mark < 0) throw new Error("expected a mark on the pickle's stack, got none.");
    return this.#stack.splice(mark).slice(1);
  }

  popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  store(index: number): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new Error(`expected entry ${index} in the pickle's memo, got none.`);
    this.push(value);
  }

  append(items: Value[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new Error("expected a list to append to, got something else.");
    for (const item of items) list.push(item);
  }

  setItems(items: Value[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw new Error("expected a dictionary and pairs to set.");
    for (let i = 0; i < items.length; i += 2) map.set(items[i] as Value, items[i + 1] as Value);
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!isKind(callee, "global") || !Array.isArray(args)) throw new Error("expected a known global to call; refused.");
    const made = call(callee.name, args);
    if (made instanceof Map) this.pushNew(made);
    else this.push(made);
  }

  /** BUILD only carries the `_metadata` of an OrderedDict, which nothing here needs. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw new Error("expected state for a dictionary only; refused.");
  }

  persistentId(): void {
    const id = this.pop();
    const [tag, type, key, , count] = Array.isArray(id) ? id : [];
    if (tag !== "storage" || !isKind(type, "global") || typeof key !== "string" || !isCount(count)) {
      throw new Error("expected a storage's id in the pickle, got something else.");
    }
    this.push({ kind: "storage", type: type.name.replace("torch.", ""), key, count });
  }
}

function isCount(value: Value | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: Value | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MAX_AXES && value.every(isCount);
}

function call(name: string, args: Value[]): Value {
  if (name === "collections.OrderedDict" && args.length === 0) return new Map();
  if (name === "torch._utils._rebuild_parameter" && isKind(args[0], "tensor")) return args[0];
  const [storage, offset, shape, stride] = args;
  if (
    name === "torch._utils._rebuild_tensor_v2" &&
    isKind(storage, "storage") &&
    isCount(offset) &&
    isCounts(shape) &&
    isCounts(stride) &&
    shape.length === stride.length
  ) {
    return { kind: "tensor", storage, offset, shape, stride };
  }
  throw new Error(`expected arguments that fit ${name}, got others; refused.`);
}

/** The opcodes that a state dict needs, by their byte. */
const OPCODES: Record<number, (machine: Unpickler) => void> = {
  128: (m) => void m.unsigned(1), // PROTO
  99: (m) => m.global(), // GLOBAL
  82: (m) => m.reduce(), // REDUCE
  98: (m) => m.build(), // BUILD
  81: (m) => m.persistentId(), // BINPERSID
  40: (m) => m.push(MARK), // MARK
  41: (m) => m.pushNew([]), // EMPTY_TUPLE
  116: (m) => m.pushNew(m.popToMark()), // TUPLE
  133: (m) => m.pushNew(m.popMany(1)), // TUPLE1
  134: (m) => m.pushNew(m.popMany(2)), // TUPLE2
  135: (m) => m.pushNew(m.popMany(3)), // TUPLE3
  125: (m) => m.pushNew(new Map()), // EMPTY_DICT
  93: (m) => m.pushNew([]), // EMPTY_LIST
  97: (m) => m.append(m.popMany(1)), // APPEND
  101: (m) => m.append(m.popToMark()), // APPENDS
  115: (m) => m.setItems(m.popMany(2)), // SETITEM
  117: (m) => m.setItems(m.popToMark()), // SETITEMS
  88: (m) => m.push(m.text()), // BINUNICODE
  74: (m) => m.push(m.signed()), // BININT
  75: (m) => m.push(m.unsigned(1)), // BININT1
  77: (m) => m.push(m.unsigned(2)), // BININT2
  138: (m) => m.push(m.long()), // LONG1
  71: (m) => m.push(m.double()), // BINFLOAT
  78: (m) => m.push(null), // NONE
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  113: (m) => m.store(m.unsigned(1)), // BINPUT
  114: (m) => m.store(m.unsigned(4)), // LONG_BINPUT
  104: (m) => m.recall(m.unsigned(1)), // BINGET
  106: (m) => m.recall(m.unsigned(4)), // LONG_BINGET
};
