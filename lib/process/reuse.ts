/** Values that a re-run in the same process needs again. */

const made = new Map<string, { key: string | undefined; value: unknown }>();

/**
 * Makes a value, or gives back the one that was made under this name before, as long as what it depends on is the same.
 *
 * @param name one value is kept for each
 * @param key what the value depends on; compared as JSON
 * @param make is not called where there is a value already
 */
export async function reuse<T>(name: string, key: unknown, make: () => T | Promise<T>): Promise<T> {
  const wanted: string | undefined = JSON.stringify(key);
  const earlier = made.get(name);
  if (earlier !== undefined && earlier.key === wanted) {
    console.log(`${name}: the same as before, not made again`);
    return earlier.value as T;
  }
  made.delete(name);
  const value = await make();
  made.set(name, { key: wanted, value });
  return value;
}
