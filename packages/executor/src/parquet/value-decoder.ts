import type { SharedMemory } from "../memory/shared-memory.ts";
import type { PageStore } from "../spill/page-store.ts";
import { physicalBytes } from "./conversion.ts";
import { describeFailure } from "./decode-failure.ts";
import type { Encoding } from "./format.ts";
import { DELTA_STATE_BYTES, HYBRID_STATE_BYTES, type ParquetKernels } from "./kernels.ts";
import type { FlatColumn } from "./schema.ts";
import type { Slab, SlabPool } from "./slab-pool.ts";

/** Gives the values of one page, NULLs left out, in physical form (`physicalBytes` each), in order. */
export interface ValueDecoder {
  /** Address of the next `count` values, which is `target` unless they already lie somewhere as they should. */
  next(count: number, target: number): number;
  skip(count: number): void;
}

/** The values' part of a decompressed page. */
export interface ValueBytes {
  readonly address: number;
  readonly length: number;
  /** What the page's header says, NULLs included: no decoder has more. */
  readonly maxValues: number;
  /** The definition levels, and how a reader of them is started that are elsewhere. */
  readonly levels?:
    | {
        readonly address: number;
        readonly length: number;
        readonly start: (state: number, address: number) => void;
      }
    | undefined;
}

export interface DecoderContext {
  readonly memory: SharedMemory;
  readonly kernels: ParquetKernels;
  readonly pool: SlabPool;
  /** A block of `DECODER_STATE_BYTES` for the page's decoder. */
  readonly state: number;
  /** Memory that lives as long as the page. */
  readonly allocate: (bytes: number) => Slab;
  /** Some of that memory is not needed beyond the batch. */
  readonly retire: (slab: Slab) => void;
  /** Where large pages go whose bytes are not to be in memory all at once. */
  readonly pages?: PageStore;
  /** Throws the QueryError for the page at hand. */
  readonly fail: (what: string) => never;
}

export const DECODER_STATE_BYTES = Math.max(HYBRID_STATE_BYTES, DELTA_STATE_BYTES);

/** A decoder of any encoding but the dictionary's. */
export const openValueDecoder = (
  encoding: Encoding,
  column: FlatColumn,
  bytes: ValueBytes,
  context: DecoderContext,
): ValueDecoder => {
  const { physical } = column;
  switch (encoding) {
    case "PLAIN":
      if (physical === "BOOLEAN") return plainBooleans(bytes, context);
      if (physical === "BYTE_ARRAY") return plainByteArrays(bytes, context);
      return fixedWidth(bytes.address, bytes.length, physicalBytes(column), context);
    case "RLE":
      if (physical === "BOOLEAN") return runLengthBooleans(bytes, context);
      break;
    case "DELTA_BINARY_PACKED":
      if (physical === "INT32" || physical === "INT64") return deltaIntegers(bytes, physicalBytes(column), context);
      break;
    case "DELTA_LENGTH_BYTE_ARRAY":
      if (physical === "BYTE_ARRAY") return deltaLengths(bytes, context);
      break;
    case "DELTA_BYTE_ARRAY":
      if (physical === "BYTE_ARRAY") return deltaStrings(bytes, context);
      if (physical === "FIXED_LEN_BYTE_ARRAY") return deltaFixed(bytes, column.typeLength, context);
      break;
    case "BYTE_STREAM_SPLIT":
      if (physical === "BOOLEAN" || physical === "BYTE_ARRAY" || physical === "INT96") break;
      if (physical === "FIXED_LEN_BYTE_ARRAY") return splitFixed(bytes, column.typeLength, context);
      return splitNumbers(bytes, physicalBytes(column), context);
    default:
      break;
  }
  return context.fail(`encoding ${encoding} does not fit the physical type ${physical}`);
};

const check = (status: number, context: DecoderContext): number =>
  status < 0 ? context.fail(describeFailure(status)) : status;

const ENDS_EARLY = describeFailure(-1);

/** Values that lie side by side: nothing is copied. */
const fixedWidth = (address: number, length: number, width: number, context: DecoderContext): ValueDecoder => {
  let position = address;
  const end = address + length;
  const take = (count: number): number => {
    const start = position;
    if (count * width > end - position) context.fail(ENDS_EARLY);
    position += count * width;
    return start;
  };
  return { next: take, skip: take };
};

const plainByteArrays = (bytes: ValueBytes, context: DecoderContext): ValueDecoder => {
  const { kernels } = context;
  const end = bytes.address + bytes.length;
  let position = bytes.address;
  const advance = (next: number): void => {
    position = next !== 0 ? next >>> 0 : context.fail(ENDS_EARLY);
  };
  return {
    next: (count, target) => {
      advance(kernels.plainByteArrays(position, end, target, count));
      return target;
    },
    skip: (count) => advance(kernels.plainByteArraysSkip(position, end, count)),
  };
};

const plainBooleans = (bytes: ValueBytes, context: DecoderContext): ValueDecoder => {
  let index = 0;
  const take = (count: number): number => {
    const start = index;
    if (index + count > bytes.length * 8) context.fail(ENDS_EARLY);
    index += count;
    return start;
  };
  return {
    next: (count, target) => {
      context.kernels.unpackBooleans(bytes.address, take(count), target, count);
      return target;
    },
    skip: take,
  };
};

const LENGTH_BYTES = 4;

const runLengthBooleans = (bytes: ValueBytes, context: DecoderContext): ValueDecoder => {
  const { kernels, memory, state } = context;
  if (bytes.length < LENGTH_BYTES) context.fail(ENDS_EARLY);
  const length = memory.view.getUint32(bytes.address, true);
  if (length > bytes.length - LENGTH_BYTES) context.fail(ENDS_EARLY);
  const start = bytes.address + LENGTH_BYTES;
  kernels.hybridStart(state, start, start + length, 1);
  return {
    next: (count, target) => {
      check(kernels.hybridReadBits(state, target, count), context);
      return target;
    },
    skip: (count) => check(kernels.hybridSkipBits(state, count), context),
  };
};

const deltaIntegers = (bytes: ValueBytes, width: number, context: DecoderContext): ValueDecoder => {
  const { kernels, state } = context;
  check(kernels.deltaStart(state, bytes.address, bytes.address + bytes.length), context);
  return {
    next: (count, target) => {
      check(kernels.deltaRead(state, target, count, width), context);
      return target;
    },
    skip: (count) => check(kernels.deltaRead(state, 0, count, 0), context),
  };
};

/** Decodes the whole list of lengths that begins at `position`; returns their address, count and what follows. */
const readLengths = (
  position: number,
  bytes: ValueBytes,
  context: DecoderContext,
): { readonly lengths: number; readonly count: number; readonly next: number } => {
  const { kernels, state } = context;
  const end = bytes.address + bytes.length;
  const count = check(kernels.deltaStart(state, position, end), context);
  if (count > bytes.maxValues) context.fail(`${count} lengths for ${bytes.maxValues} values`);
  const lengths = context.allocate(count * LENGTH_BYTES).address;
  check(kernels.deltaRead(state, lengths, count, LENGTH_BYTES), context);
  const next = kernels.deltaEnd(state) >>> 0;
  if (next === 0) context.fail(ENDS_EARLY);
  return { lengths, count, next };
};

const REFERENCE_BYTES = 8;

const readDeltaLengths = (
  position: number,
  bytes: ValueBytes,
  context: DecoderContext,
): { readonly references: number; readonly count: number } => {
  const { lengths, count, next } = readLengths(position, bytes, context);
  const references = context.allocate(count * REFERENCE_BYTES).address;
  const end = bytes.address + bytes.length;
  check(context.kernels.lengthsToReferences(lengths, count, next, end, references), context);
  return { references, count };
};

const deltaLengths = (bytes: ValueBytes, context: DecoderContext): ValueDecoder => {
  const { references, count } = readDeltaLengths(bytes.address, bytes, context);
  return fixedWidth(references, count * REFERENCE_BYTES, REFERENCE_BYTES, context);
};

const readDeltaStrings = (
  bytes: ValueBytes,
  context: DecoderContext,
): { readonly references: number; readonly count: number } => {
  const { kernels } = context;
  const prefixes = readLengths(bytes.address, bytes, context);
  const { references, count } = readDeltaLengths(prefixes.next, bytes, context);
  if (count !== prefixes.count) context.fail(`${prefixes.count} prefixes for ${count} suffixes`);
  const joined = kernels.joinedBytes(prefixes.lengths, references, count);
  check(Math.min(joined, 0), context);
  kernels.joinPrefixes(prefixes.lengths, references, count, context.allocate(joined).address);
  return { references, count };
};

const deltaStrings = (bytes: ValueBytes, context: DecoderContext): ValueDecoder => {
  const { references, count } = readDeltaStrings(bytes, context);
  return fixedWidth(references, count * REFERENCE_BYTES, REFERENCE_BYTES, context);
};

const deltaFixed = (bytes: ValueBytes, width: number, context: DecoderContext): ValueDecoder => {
  const { references, count } = readDeltaStrings(bytes, context);
  const packed = context.allocate(count * width).address;
  check(context.kernels.packFixed(references, count, width, packed), context);
  return fixedWidth(packed, count * width, width, context);
};

/** How many values a BYTE_STREAM_SPLIT page has: its streams are of one length. */
const splitCount = (bytes: ValueBytes, width: number, context: DecoderContext): number =>
  bytes.length % width === 0 ? bytes.length / width : context.fail(ENDS_EARLY);

const splitNumbers = (bytes: ValueBytes, width: number, context: DecoderContext): ValueDecoder => {
  const total = splitCount(bytes, width, context);
  let index = 0;
  const take = (count: number): number => {
    const start = index;
    if (count > total - index) context.fail(ENDS_EARLY);
    index += count;
    return start;
  };
  return {
    next: (count, target) => {
      context.kernels.byteStreamJoin(bytes.address, total, width, take(count), count, target);
      return target;
    },
    skip: take,
  };
};

const splitFixed = (bytes: ValueBytes, width: number, context: DecoderContext): ValueDecoder => {
  const total = splitCount(bytes, width, context);
  const joined = context.allocate(bytes.length).address;
  context.kernels.byteStreamJoin(bytes.address, total, width, 0, total, joined);
  return fixedWidth(joined, bytes.length, width, context);
};
