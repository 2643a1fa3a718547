import type { StoredBytes } from "../spill/page-store.ts";
import { physicalBytes } from "./conversion.ts";
import { describeFailure } from "./decode-failure.ts";
import type { FlatColumn } from "./schema.ts";
import type { Slab } from "./slab-pool.ts";
import type { DecoderContext, ValueDecoder } from "./value-decoder.ts";

const LENGTH_BYTES = 4;
const REFERENCE_BYTES = 8;
const ENDS_EARLY = describeFailure(-1);

/** A part of the bytes in memory. `base`: where the first of all of them would be. */
interface Window {
  base: number;
  start: number;
  end: number;
}

/**
 * PLAIN values of a page that is on disk, of which a window is in memory: larger where one value, or a batch's of one width, is longer. What a batch
 * points to is given back with the batch.
 */
export const windowedValues = (
  column: FlatColumn,
  bytes: StoredBytes,
  windowBytes: number,
  context: DecoderContext,
): ValueDecoder => {
  const window: Window = { base: 0, start: 0, end: 0 };
  let slab: Slab | undefined;
  const load = (position: number, length: number): void => {
    if (slab !== undefined) context.retire(slab);
    const size = Math.min(Math.max(length, windowBytes), bytes.length - position);
    slab = context.allocate(size);
    bytes.read(position, size, slab.address);
    window.base = slab.address - position;
    window.start = position;
    window.end = position + size;
  };
  return column.physical === "BYTE_ARRAY"
    ? byteArrays(bytes, window, load, context)
    : fixedWidth(bytes, window, load, physicalBytes(column), context);
};

type Load = (position: number, length: number) => void;

const fixedWidth = (
  bytes: StoredBytes,
  window: Window,
  load: Load,
  width: number,
  context: DecoderContext,
): ValueDecoder => {
  let position = 0;
  const advance = (count: number): number => {
    const from = position;
    if (count * width > bytes.length - position) context.fail(ENDS_EARLY);
    position += count * width;
    return from;
  };
  return {
    next: (count) => {
      const from = advance(count);
      if (from < window.start || position > window.end) load(from, position - from);
      return window.base + from;
    },
    skip: advance,
  };
};

const byteArrays = (bytes: StoredBytes, window: Window, load: Load, context: DecoderContext): ValueDecoder => {
  const { kernels, memory } = context;
  let position = 0;
  /** Calls `take` for as many values as lie in the window, and so on. */
  const walk = (count: number, take: (address: number, end: number, done: number, count: number) => number): void => {
    for (let done = 0; done < count; ) {
      const address = window.base + position;
      const end = window.base + window.end;
      const fitting = position < window.end ? kernels.plainByteArraysFitting(address, end, count - done) : 0;
      if (fitting > 0) {
        position = (take(address, end, done, fitting) >>> 0) - window.base;
        done += fitting;
      } else loadNext();
    }
  };
  const loadNext = (): void => {
    if (bytes.length - position < LENGTH_BYTES) context.fail(ENDS_EARLY);
    load(position, LENGTH_BYTES);
    const length = LENGTH_BYTES + memory.view.getUint32(window.base + position, true);
    if (length > bytes.length - position) context.fail(ENDS_EARLY);
    if (length > window.end - position) load(position, length);
  };
  return {
    next: (count, target) => {
      walk(count, (address, end, done, fitting) =>
        kernels.plainByteArrays(address, end, target + done * REFERENCE_BYTES, fitting),
      );
      return target;
    },
    skip: (count) => walk(count, (address, end, _, fitting) => kernels.plainByteArraysSkip(address, end, fitting)),
  };
};
