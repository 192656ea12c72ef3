/** Reads the body of an answer, with a time limit on each wait for the next bytes. */
import { BrokenAnswer, reasonOf } from "../error";

/** Bytes above which an answer of the hub's API is refused. */
const LARGEST_ANSWER = 64e6;

/**
 * The bytes of a body as they come.
 *
 * @param patience milliseconds to wait for the next bytes
 * @throws {BrokenAnswer} the connection breaks, or nothing comes for too long
 */
export async function* piecesOf(response: Response, patience: number): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    // Closes the connection where the body was not read to its end.
    reader.cancel().catch(() => {});
  }
}

/**
 * Reads an answer to its end. @returns the same answer with its body in memory
 *
 * @throws {BrokenAnswer} as `piecesOf`, or the answer is far too long
 */
export async function wholeAnswer(response: Response, patience: number): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(response, patience)) {
    length += piece.length;
    if (length > LARGEST_ANSWER) throw new BrokenAnswer(`an answer of more than ${LARGEST_ANSWER / 1e6} MB`);
    pieces.push(piece);
  }
  const { status, headers } = response;
  return new Response(length === 0 ? null : Buffer.concat(pieces), { status, headers });
}

async function within<T>(patience: number, next: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BrokenAnswer(`no more bytes within ${patience / 1000} s`)), patience);
  });
  try {
    return await Promise.race([next, silence]);
  } catch (error) {
    throw error instanceof BrokenAnswer ? error : new BrokenAnswer(`an answer that broke off (${reasonOf(error)})`);
  } finally {
    clearTimeout(timer);
  }
}
