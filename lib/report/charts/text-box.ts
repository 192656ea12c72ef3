/** Sizes of SVG texts, which jsdom does not compute. */

/** The part of an SVG element that positions its texts. */
export interface SvgElement {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly parentElement: SvgElement | null;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

/** A rectangle as browsers report it. */
export type Box = Record<"x" | "y" | "width" | "height" | "left" | "top" | "right" | "bottom", number>;

type Corner = [x: number, y: number];

// jsdom has no layout, but plotly places titles, legends and tick labels by the size of texts.
// A character of DejaVu Sans is about 0.6 of the font size wide.
const CHARACTER = 0.6;

function property(element: SvgElement, name: string): string | undefined {
  const inStyle = new RegExp(`${name}:\\s*([^;]+)`).exec(element.getAttribute("style") ?? "")?.[1];
  const value = inStyle ?? element.getAttribute(name) ?? undefined;
  return value ?? (element.parentElement ? property(element.parentElement, name) : undefined);
}

function textCorners(text: SvgElement): Corner[] {
  const size = Number.parseFloat(property(text, "font-size") ?? "12");
  const width = (text.textContent ?? "").length * size * CHARACTER;
  const anchor = property(text, "text-anchor") ?? "start";
  const x = Number(text.getAttribute("x") ?? 0) - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  const y = Number(text.getAttribute("y") ?? 0);
  const corners: Corner[] = [];
  for (const right of [x, x + width])
    for (const down of [y - 0.95 * size, y + 0.25 * size]) corners.push([right, down]);
  return corners;
}

/** One corner after the `translate` and `rotate` of an element, the last written applied first. */
function transformed(element: SvgElement, corner: Corner): Corner {
  const steps = [...(element.getAttribute("transform") ?? "").matchAll(/(translate|rotate)\(([^)]*)\)/g)].reverse();
  return steps.reduce<Corner>(([x, y], [, kind, list]) => {
    const [a = 0, b = 0, c = 0] = (list ?? "").split(/[\s,]+/).map(Number);
    if (kind === "translate") return [x + a, y + b];
    const [cos, sin] = [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)];
    return [b + (x - b) * cos - (y - c) * sin, c + (x - b) * sin + (y - c) * cos];
  }, corner);
}

function union(corners: Corner[]): Box {
  if (corners.length === 0) return { x: 0, y: 0, width: 0, height: 0, left: 0, top: 0, right: 0, bottom: 0 };
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return { x: left, y: top, width: right - left, height: bottom - top, left, top, right, bottom };
}

/** The corners of all texts in an element, in the coordinates outside `last`. */
function corners(element: SvgElement, last: SvgElement | null): Corner[] {
  const texts = element.tagName === "text" ? [element] : [...element.querySelectorAll("text")];
  return texts
    .filter((text) => text.textContent)
    .flatMap((text) => {
      let found = textCorners(text);
      for (let at: SvgElement | null = text; at && at !== last; at = at.parentElement) {
        const step = at;
        found = found.map((corner) => transformed(step, corner));
      }
      return found;
    });
}

/** The box of an element's texts in its own coordinates. */
export function getBBox(this: SvgElement): Box {
  return union(corners(this, this));
}

/** The box of an element's texts on the page. */
export function getBoundingClientRect(this: SvgElement): Box {
  return union(corners(this, null));
}
