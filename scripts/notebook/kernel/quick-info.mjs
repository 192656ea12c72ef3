/** What is told of a name in a cell: what it is, and the options that it takes, each with its default. */
import { ts, tslab } from "./compiler.mjs";

/** @typedef {import("@tslab/typescript-for-tslab").Symbol} NamedSymbol */
/** @typedef {import("@tslab/typescript-for-tslab").Type} Type */
/** @typedef {import("@tslab/typescript-for-tslab").TypeChecker} Checker */
/** @typedef {import("@tslab/typescript-for-tslab").QuickInfo} QuickInfo */
/** @typedef {{ text: string }[]} Parts */

/** Not in the compiler's declarations. @type {(file: import("@tslab/typescript-for-tslab").SourceFile, position: number) => import("@tslab/typescript-for-tslab").Node} */
const nodeAt = Reflect.get(ts, "getTouchingPropertyName");

const { Alias, Class, Interface, Method, Optional } = ts.SymbolFlags;

/** Documentation without the marks of its links. @param {Parts} [parts] */
const plain = (parts = []) =>
  parts
    .map(({ text }) => text)
    .join("")
    .replace(/\{@link\s+(.*?)\s*\}/gs, "$1");

// In what TypeScript tells tslab's words are few: it has no options, and of `new LoraConfig(…)` not what that is.
Object.assign(tslab("@tslab/typescript-for-tslab"), {
  /** @type {typeof ts.getQuickInfoAtPosition} */
  getQuickInfoAtPosition(file, checker, token, cursor) {
    const tell = (/** @type {number} */ at) => ts.getQuickInfoAtPosition(file, checker, token, at);
    const position = tell(cursor) ? cursor : calleeBefore(file, cursor);
    const info = tell(position);
    if (!info) return undefined;
    const named = checker.getSymbolAtLocation(nodeAt(file, position));
    const text = description(info, checker, named && named.flags & Alias ? checker.getAliasedSymbol(named) : named);
    return { ...info, displayParts: [{ text, kind: "text" }], documentation: [], tags: [] };
  },
});

/**
 * @param {import("@tslab/typescript-for-tslab").SourceFile} file
 * @param {number} cursor among the arguments of a call
 * @returns {number} where the name is of what is called
 */
function calleeBefore(file, cursor) {
  const written = file.text.slice(0, cursor).trimEnd();
  for (let node = nodeAt(file, written.length - 1); node; node = node.parent) {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return node.expression.getEnd();
  }
  return cursor;
}

/** @param {{ name: string }} tag */
const isExample = ({ name }) => name === "example";

/**
 * @param {QuickInfo} info
 * @param {Checker} checker
 * @param {NamedSymbol} [symbol] what is named
 */
function description({ displayParts, documentation, tags = [] }, checker, symbol) {
  const signature = plain(displayParts)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport .*$/, "");
  const words = symbol && symbol.flags & Class ? symbol.getDocumentationComment(checker) : documentation;
  const [examples, others] = [tags.filter(isExample), tags.filter((tag) => !isExample(tag))];
  const told = others.map(({ name, text }) => `${name === "param" ? "" : `${name}: `}${plain(text)}`);
  const shown = examples.flatMap(({ text }) => ["", "Example:", plain(text).replace(/^```.*\n?/gm, "")]);
  const options = symbol ? optionTypes(symbol, checker).flatMap((type) => optionLines(type, checker)) : [];
  return [signature, "", plain(words), ...told, ...options, ...shown].join("\n").trim();
}

/**
 * @param {NamedSymbol} symbol
 * @param {Checker} checker
 * @returns {Type[]} the type itself that is named, or those of a function's or constructor's parameters
 */
function optionTypes(symbol, checker) {
  if (symbol.flags & Interface) return [checker.getDeclaredTypeOfSymbol(symbol)].filter(isOptions);
  const place = symbol.valueDeclaration;
  if (!place) return [];
  const type = checker.getTypeOfSymbolAtLocation(symbol, place);
  const taken = [...type.getConstructSignatures(), ...type.getCallSignatures()]
    .flatMap(({ parameters }) => parameters)
    .map((parameter) => checker.getTypeOfSymbolAtLocation(parameter, place))
    .filter(isOptions);
  const within = taken
    .flatMap((one) => one.getProperties())
    .map((property) => checker.getTypeOfSymbolAtLocation(property, place))
    .filter(isOptions);
  return [...new Set([...taken, ...within])];
}

/** Whether it is an interface of named values that may be left out, and not one of JavaScript or Node. @param {Type} type */
function isOptions(type) {
  const place = type.symbol?.flags & Interface ? type.symbol.declarations?.[0]?.getSourceFile().fileName : undefined;
  if (!place || place.includes("/node_modules/")) return false;
  const kinds = type.getProperties().map(({ flags }) => flags & (Optional | Method));
  return kinds.some((kind) => kind & Optional) && !kinds.includes(Method);
}

/**
 * @param {Type} type
 * @param {Checker} checker
 */
function optionLines(type, checker) {
  const lines = type.getProperties().flatMap((property) => {
    const { valueDeclaration: place } = property;
    const words = plain(property.getDocumentationComment(checker)).replace(/\s+/g, " ");
    const kind = place ? checker.typeToString(checker.getTypeOfSymbolAtLocation(property, place)) : "";
    return [`  ${property.name}${property.flags & Optional ? "?" : ""}: ${kind}`, `      ${words}`];
  });
  return ["", `${type.symbol.name}:`, ...lines];
}
