/** TypeScript's compiler as tslab uses it, made to tell which place of a cell a place of its JavaScript comes from. */
import { createRequire, SourceMap } from "node:module";

/** @typedef {{ line: number, column: number }} Place line and column, from 1 */

/** Loads what belongs to tslab. */
export const tslab = createRequire(createRequire(import.meta.url).resolve("tslab"));

const file = tslab.resolve("@tslab/typescript-for-tslab");

/** @type {import("@tslab/typescript-for-tslab")} */
export const ts = tslab(file);

const COMMENT = "//# sourceMappingURL=";
const INLINE = `${COMMENT}data:application/json;base64,`;

/** From what was compiled last to JavaScript, and from there to CommonJS. @type {SourceMap[]} */
let maps = [];

/**
 * @param {SourceMap | undefined} map
 * @param {Place} place
 */
function before(map, { line, column }) {
  const found = /** @type {{ lineNumber?: number, columnNumber?: number } | undefined} */ (
    map?.findOrigin(line, column)
  );
  return found?.lineNumber && found.columnNumber ? { line: found.lineNumber, column: found.columnNumber } : undefined;
}

/** @returns {(place: Place) => Place | undefined} finds in the cell that was compiled last what became a place of its CommonJS */
export function originFinder() {
  const [toJs, toCommonJs] = maps;
  return (place) => {
    const js = before(toCommonJs, place);
    const origin = js && before(toJs, js);
    // tslab puts a line of its own before each cell.
    return origin && { ...origin, line: origin.line - 1 };
  };
}

/** @param {string} js @returns {[string, string]} the code, and the comment on its source map */
function split(js) {
  const at = js.lastIndexOf(COMMENT);
  return at < 0 ? [js, ""] : [js.slice(0, at), js.slice(at).trim()];
}

// tslab makes no source maps and has no setting for it: it gets this compiler in the place of its own.
const loaded = tslab.cache[file];
if (!loaded) throw new Error(`\`${file}\`: expected a loaded module, got none.`);
loaded.exports = {
  ...ts,
  /** @type {(files: string[], options: object, ...rest: unknown[]) => unknown} */
  createWatchCompilerHost: (files, options, ...rest) =>
    Reflect.apply(ts.createWatchCompilerHost, ts, [files, { ...options, inlineSourceMap: true }, ...rest]),
  /** @type {typeof ts.transpileModule} */
  transpileModule(js, options) {
    const [code, comment] = split(js);
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const made = ts.transpileModule(code, { ...options, compilerOptions });
    const toJs = Buffer.from(comment.slice(INLINE.length), "base64").toString();
    maps = [toJs, made.sourceMapText ?? ""].map((text) => new SourceMap(JSON.parse(text)));
    return { ...made, outputText: split(made.outputText)[0] };
  },
};
