/** Medians, quantiles and spreads of measured values. */

/** How a list of ratios is spread. */
export interface Spread {
  median: number;
  /** A quarter of the values are below it. */
  lowerQuartile: number;
  min: number;
  max: number;
}

/**
 * The value below which a share of the values lies, with straight lines between neighbours (numpy's default).
 *
 * @param share from 0 to 1
 * @throws {RangeError} there are no values
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("`values`: expected at least one number, got none.");
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (place - Math.floor(place)) * (above - below);
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median, lower quartile, least and greatest. */
export function spread(values: readonly number[]): Spread {
  return {
    median: median(values),
    lowerQuartile: quantile(values, 0.25),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** A number with so many decimals. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
