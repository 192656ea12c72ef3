/** Contrast of colours as WCAG 2 defines it, and the pages that outputs are read on. */

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** JupyterLab's background and text in both themes. */
export const PAGES: Record<"light" | "dark", { paper: Colour; ink: Colour }> = {
  light: { paper: [255, 255, 255], ink: [33, 33, 33] },
  dark: { paper: [17, 17, 17], ink: [255, 255, 255] },
};

/** Reads `#rrggbb`, `rgb(…)` and the colour part of `rgba(…)`. */
export function colourOf(css: string): Colour {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i
    .exec(css)
    ?.slice(1)
    .map((part) => Number.parseInt(part, 16));
  const [red, green, blue] = hex ?? (css.match(/[\d.]+/g) ?? []).map(Number);
  if (red === undefined || green === undefined || blue === undefined) throw new Error(`\`${css}\`: expected a colour.`);
  return [red, green, blue];
}

/** A colour through which the one below is seen. */
export function blended(colour: Colour, opacity: number, below: Colour): Colour {
  return colour.map((part, i) => opacity * part + (1 - opacity) * (below[i] as number)) as unknown as Colour;
}

function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @returns 1 for equal colours, 21 for black on white; small text needs 4.5, lines and marks need 3 */
export function contrast(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
