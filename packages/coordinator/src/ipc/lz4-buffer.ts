import { QueryError } from "@headcut/plan";
import { malformed } from "./flatbuffer-reader.ts";
import { compressFrame, decompressFrame } from "./lz4-frame.ts";

/** A compressed body's buffers begin with the bytes they hold, or -1: they are as they are. */
const PREFIX_BYTES = 8;
const NOT_COMPRESSED = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255);
/** Of the address space of buffers here. */
const MAX_BYTES = 0x7fffffff;
/** A frame's own parts take 15. */
const SMALLEST_BYTES = 64;

/** The buffer's pieces in a compressed body. */
export const compressBuffer = (bytes: Uint8Array): readonly Uint8Array[] => {
  const frame = bytes.length < SMALLEST_BYTES ? bytes : compressFrame(bytes);
  if (frame.length >= bytes.length) return [NOT_COMPRESSED, bytes];
  const prefix = new Uint8Array(PREFIX_BYTES);
  new DataView(prefix.buffer).setUint32(0, bytes.length, true);
  return [prefix, frame];
};

/** Throws QueryError "io" for malformed ones, "unsupported" above 2 GiB. */
export const decompressBuffer = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length === 0) return bytes;
  if (bytes.length < PREFIX_BYTES) throw malformed("a compressed buffer without its length");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rest = bytes.subarray(PREFIX_BYTES);
  const [low, high] = [view.getUint32(0, true), view.getInt32(4, true)];
  if (high === -1 && low === 0xffffffff) return rest;
  if (high < 0) throw malformed("a buffer of negative length");
  if (high > 0 || low > MAX_BYTES) throw new QueryError("unsupported", "an Arrow buffer of more than 2 GiB");
  return low === 0 ? bytes.subarray(0, 0) : decompressFrame(rest, low);
};
