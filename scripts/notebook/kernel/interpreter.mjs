/** Runs the code of cells with tslab's compiler and executor, and answers what an editor asks about code. */
import { inspect } from "node:util";
import { CELL_FILE, compilerError, stoppedError, thrownError } from "./cell-error.mjs";
import { originFinder, ts, tslab } from "./compiler.mjs";
import "./quick-info.mjs";

/** @typedef {import("./cell-error.mjs").CellError} CellError */
/** @typedef {import("tslab/dist/converter.js").ConvertResult} ConvertResult */

/** One value in several forms, by MIME type. @typedef {{ data: Record<string, unknown>, metadata?: Record<string, unknown> }} Bundle */

/** A cell that runs, and what has come of it. @typedef {{ number: number, code: string, compiled?: ConvertResult, error?: CellError, value?: unknown }} Cell */

/** @type {import("tslab/dist/converter.js")} */
const { createConverter, isCompleteCode } = tslab("./converter.js");
/** @type {import("tslab/dist/executor.js")} */
const { createExecutor } = tslab("./executor.js");
/** @type {import("tslab/dist/inspect.js")} */
const { printQuickInfo } = tslab("./inspect.js");

/** Here the library leaves the function that shows a value of its own; it has no answer for others. */
const DISPLAY = Symbol.for("Jupyter.display");

/** Jupyter counts characters, JavaScript some of them twice. */
const toIndex = (/** @type {string} */ code, /** @type {number} */ cursor) =>
  [...code].slice(0, cursor).join("").length;
const toCursor = (/** @type {string} */ code, /** @type {number} */ index) => [...code.slice(0, index)].length;

export class Interpreter {
  #converter = createConverter({ isJS: false, isBrowser: false });
  #executor;
  /** What the cells so far have declared, as TypeScript. */
  #declarations = "";
  /** Cells that were compiled, by number. @type {import("./cell-error.mjs").Cells} */
  #cells = new Map();
  /** @type {Cell} */
  #cell = { number: 0, code: "" };
  #stopped = false;
  #rejectDisplay = () => {};

  /** @param {string} folder where imports of cells start */
  constructor(folder) {
    const converter = this.#watchedConverter();
    const converters = { node: converter, browser: converter, close: converter.close };
    this.#executor = createExecutor(folder, converters, {
      // All that tslab prints: the value of the last expression, and what a cell has thrown.
      log: (value) => {
        this.#cell.value = value;
      },
      error: (thrown) => {
        this.#cell.error ??= this.toError(thrown);
      },
    });
  }

  /**
   * @param {string} code
   * @param {number} number by which errors name the cell
   * @returns {Promise<{ error?: CellError, result?: Bundle, stopped: boolean }>} whether somebody wanted to stop the cell is told also when it ended well
   */
  async run(code, number) {
    /** @type {Cell} */
    const cell = { number, code };
    this.#cell = cell;
    this.#stopped = false;
    /** @type {Promise<never>} */
    const rejected = new Promise((_, reject) => {
      this.#rejectDisplay = () => reject(new Error("Interrupted asynchronously"));
    });
    rejected.catch(() => {});
    /** @type {Bundle | undefined} */
    let result;
    try {
      await this.#executor.execute(code);
      if (!cell.error && cell.value !== undefined) result = await Promise.race([this.#bundleOf(cell.value), rejected]);
    } catch (thrown) {
      cell.error = this.toError(thrown);
    }
    if (cell.compiled) this.#declarations = this.#declared(cell.compiled, cell.error !== undefined);
    return { error: cell.error, result, stopped: this.#stopped };
  }

  /** Somebody wants the cell to stop; it may see to that itself. */
  noticeInterrupt() {
    this.#stopped = true;
  }

  /** Ends the cell at its next `await`; what it waits for goes on. */
  interrupt() {
    this.#executor.interrupt();
    this.#rejectDisplay();
  }

  /** @param {unknown} thrown */
  toError(thrown) {
    const { code, message } = thrown instanceof Error ? /** @type {NodeJS.ErrnoException} */ (thrown) : {};
    if (code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED" && message !== "Interrupted asynchronously") {
      return thrownError(thrown, this.#cells);
    }
    this.#stopped = true;
    return stoppedError();
  }

  /**
   * @param {string} code
   * @param {number} cursor
   */
  complete(code, cursor) {
    const { start, end, candidates } = this.#converter.complete(this.#declarations, code, toIndex(code, cursor));
    const places = { cursor_start: toCursor(code, start), cursor_end: toCursor(code, end) };
    return { ...places, matches: candidates, metadata: {} };
  }

  /**
   * @param {string} code
   * @param {number} cursor
   */
  inspect(code, cursor) {
    const info = this.#converter.inspect(this.#declarations, code, toIndex(code, cursor));
    return { found: Boolean(info), data: info ? { "text/plain": printQuickInfo(info) } : {}, metadata: {} };
  }

  /** @param {string} code */
  isComplete(code) {
    const { completed, indent } = isCompleteCode(code);
    return completed ? { status: "complete" } : { status: "incomplete", indent };
  }

  /** tslab's converter, with an eye on what it finds. */
  #watchedConverter() {
    const { convert, addModule, ...rest } = this.#converter;
    /** @param {import("tslab/dist/converter.js").Diagnostic[]} diagnostics */
    const note = (diagnostics) => {
      if (diagnostics.length > 0) this.#cell.error = compilerError(diagnostics, this.#cell.code);
      return diagnostics;
    };
    return {
      ...rest,
      /** @type {typeof addModule} */
      addModule: (...module) => note(addModule(...module)),
      /** @type {typeof convert} */
      convert: (_, code) => {
        const compiled = convert(this.#declarations, code);
        if (note(compiled.diagnostics).length > 0) return compiled;
        const { number } = this.#cell;
        this.#cell.compiled = compiled;
        this.#cells.set(number, { code, origin: originFinder() });
        return { ...compiled, output: `${compiled.output}\n//# sourceURL=${CELL_FILE}${number}` };
      },
    };
  }

  /**
   * @param {unknown} value
   * @returns {Promise<Bundle | undefined>} what is shown of it
   */
  async #bundleOf(value) {
    const settled = await value;
    if (settled === undefined || settled === null) return undefined;
    /** @type {((value: unknown) => Promise<Bundle> | undefined) | undefined} */
    const display = Reflect.get(globalThis, DISPLAY);
    const rich = await display?.(settled);
    if (rich) return rich;
    if (settled instanceof Error) return { data: { "text/plain": this.toError(settled).traceback.join("\n") } };
    return { data: { "text/plain": typeof settled === "string" ? settled : inspect(settled) } };
  }

  /**
   * @param {ConvertResult} compiled
   * @param {boolean} failed
   * @returns {string} what is declared after the cell: of one that failed, what it had come to
   */
  #declared({ output = "", declOutput = "" }, failed) {
    if (!failed) return declOutput;
    const names = output
      .match(/^exports\..* = void 0;$/gm)
      ?.flatMap((line) => line.match(/(?<=exports\.)[\w$]+/g) ?? []);
    const lost = new Set(names?.filter((name) => this.#executor.locals[name] === undefined));
    return without(declOutput, lost);
  }
}

/**
 * @param {string} declarations
 * @param {Set<string>} lost names of variables, functions and classes
 */
function without(declarations, lost) {
  const source = ts.createSourceFile("declarations.d.ts", declarations, ts.ScriptTarget.Latest, true);
  const kept = source.statements.map((statement) => {
    if (!ts.isVariableStatement(statement)) {
      const { name } = /** @type {{ name?: import("@tslab/typescript-for-tslab").Node }} */ (statement);
      return name && lost.has(name.getText()) ? "" : statement.getFullText();
    }
    const { declarations } = statement.declarationList;
    const head = source.text.slice(statement.pos, declarations[0]?.getStart());
    const rest = declarations
      .filter(({ name }) => !lost.has(name.getText()))
      .map((declaration) => declaration.getText());
    return rest.length === 0 ? "" : `${head}${rest.join(", ")};`;
  });
  return kept.join("");
}
