import { type RetryPolicy, withRetries } from "./attempts.ts";
import type { ObjectLocation } from "./location.ts";
import type { ByteRange, ObjectClient } from "./object-client.ts";
import { RequestFailure } from "./request-failure.ts";

/**
 * Gets bytes of one content of an object, in order, each once: `take` is called with them and where they begin. What breaks off is taken up
 * where it broke. Nothing is taken any more once `signal` is aborted. Throws RequestFailure, or the signal's reason.
 */
export const fetchRange = async (
  client: ObjectClient,
  location: ObjectLocation,
  etag: string,
  range: ByteRange,
  policy: RetryPolicy,
  signal: AbortSignal,
  take: (bytes: Uint8Array, start: number) => void,
): Promise<void> => {
  let position = range.start;
  await withRetries(policy, signal, async (attemptSignal, progress) => {
    const wanted = { start: position, end: range.end };
    const body = await client.get(location, etag, wanted, attemptSignal);
    checkAnswer(body, etag, wanted);
    for await (const bytes of body.bytes) {
      attemptSignal.throwIfAborted();
      if (position + bytes.length > range.end) throw new RequestFailure("transient", "the answer is too long");
      take(bytes, position);
      position += bytes.length;
      progress(bytes.length);
    }
    attemptSignal.throwIfAborted();
    if (position < range.end) {
      throw new RequestFailure("transient", `the answer ended ${range.end - position} bytes too early`);
    }
  });
};

/** A store, or something in between, that does not know ranges or If-Match answers with other bytes. */
const checkAnswer = (
  answer: { readonly etag: string; readonly range: ByteRange },
  etag: string,
  wanted: ByteRange,
): void => {
  if (answer.etag !== etag) throw new RequestFailure("changed", "the object has another ETag");
  if (answer.range.start !== wanted.start || answer.range.end !== wanted.end) {
    const { start, end } = answer.range;
    throw new RequestFailure("final", `the store answered with bytes ${start}-${end - 1} of the object`);
  }
};
