import { QueryError } from "../query-error.ts";
import type { Codec } from "./codec.ts";
import { type Json, malformed } from "./place.ts";

/** Raised with every change that an older node would misread. Nodes of one cluster may differ while it is upgraded. */
export const WIRE_VERSION = 1;

/** What a message may be; a larger one is refused before anything is made of it. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Decoding and all that follows walk plans by recursion. SQL cannot nest as deep; see the planner's own limit. */
export const MAX_MESSAGE_DEPTH = 1500;
/** Objects and lists: each costs far more memory than its two brackets. */
const MAX_MESSAGE_NODES = 2_000_000;

/** A message as canonical JSON in UTF-8: fields in a fixed order, nothing optional, so that equal values are equal bytes. */
export const encodeMessage = <T>(kind: string, codec: Codec<T>, value: T): Uint8Array => {
  const bytes = Buffer.from(textOf(kind, codec, value));
  const excess = excessOf(bytes);
  if (excess !== undefined) {
    throw new QueryError("unsupported", `the plan is too large to send to another node: ${excess}`);
  }
  return bytes;
};

const textOf = <T>(kind: string, codec: Codec<T>, value: T): string => {
  try {
    return JSON.stringify({ headcut: kind, version: WIRE_VERSION, body: codec.encode(value) });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new QueryError("unsupported", "the plan is too deeply nested to send to another node", { cause: error });
  }
};

/**
 * Reads what `encodeMessage` wrote. Whatever the bytes are, the result is a value of the codec's type or a QueryError:
 * "unsupported" for another version, "io" for everything else.
 */
export const decodeMessage = <T>(kind: string, codec: Codec<T>, bytes: Uint8Array): T => {
  const excess = excessOf(bytes);
  if (excess !== undefined) throw malformed(undefined, `less: ${excess}`);
  const message = parse(bytes);
  if (typeof message !== "object" || message === null || !("headcut" in message) || !("version" in message)) {
    throw malformed(undefined, "a message of Headcut");
  }
  const { headcut, version, body, ...rest } = message as { readonly [key: string]: Json };
  if (version !== WIRE_VERSION) {
    throw new QueryError(
      "unsupported",
      `a message of version ${JSON.stringify(version)?.slice(0, 20)} of the protocol`,
      {
        hint: `This node speaks version ${WIRE_VERSION}; run the same release on every node.`,
      },
    );
  }
  if (headcut !== kind) throw malformed(undefined, `a ${kind}`);
  if (Object.keys(rest).length > 0) throw malformed(undefined, "kind, version and body alone");
  return codec.decode(body, { parent: undefined, key: kind });
};

const parse = (bytes: Uint8Array): Json => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as Json;
  } catch {
    throw malformed(undefined, "JSON in UTF-8");
  }
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What makes a message too large, found in one pass over its bytes; undefined if nothing does. */
const excessOf = (bytes: Uint8Array): string | undefined => {
  if (bytes.length > MAX_MESSAGE_BYTES) return `${bytes.length} bytes of at most ${MAX_MESSAGE_BYTES}`;
  let depth = 0;
  let nodes = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (quoted) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) {
      quoted = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_MESSAGE_DEPTH) return `more than ${MAX_MESSAGE_DEPTH} levels`;
      if (++nodes > MAX_MESSAGE_NODES) return `more than ${MAX_MESSAGE_NODES} objects and lists`;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
  return undefined;
};
