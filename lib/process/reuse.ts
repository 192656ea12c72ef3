/** Keeps values for later runs in the same process. */

const made = new Map<string, { key: string | undefined; value: unknown }>();

/**
 * Returns the value that was made under this name before if its key is the same, else makes a new one.
 *
 * @param name of the value; only the last one of each name is kept
 * @param key what the value depends on; compared as JSON
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
