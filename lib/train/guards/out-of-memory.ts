/** What to do when the memory of the processor or the GPU runs out: TensorFlow says only which tensor had no room. */

/** TensorFlow's message for both devices, that of the fused kernels, and those of C++ and JavaScript. */
const NO_MEMORY = /OOM when allocating|out of memory|expected more memory|bad_alloc|Array buffer allocation failed/i;

/**
 * Explains an error that says that memory ran out.
 *
 * @param what was under way, as `step 3`
 * @param remedies what takes less memory, as part of a sentence
 * @returns the explained error; any other as it is
 */
export function withMemoryAdvice(error: unknown, what: string, remedies: string): unknown {
  if (!(error instanceof Error) || !NO_MEMORY.test(error.message)) return error;
  const found = error.message.split("\n").find((line) => NO_MEMORY.test(line)) ?? "";
  return new RangeError(
    `${what}: expected enough memory, got no more of it (${found.slice(0, 200)}). Try ${remedies}. ` +
      "Checkpoints are as they were: resumeFromCheckpoint goes on from the last one.",
    { cause: error },
  );
}
