import type { Kernels } from "../kernels/kernels.ts";

/**
 * The decoding kernels (`kernels/parquet/`). Functions that return a number return 0 or a count when all is well, and a
 * negative failure (decode-failure.ts) when their input is malformed; those that return an address return 0 then.
 */
export interface ParquetKernels extends Kernels {
  decodeFailureAddress(): number;
  snappyDecompress(source: number, sourceLength: number, target: number, targetLength: number): number;
  zstdDecompress(source: number, sourceLength: number, target: number, targetLength: number, workspace: number): number;
  /** What `zstdDecompress` needs at `workspace`. */
  zstdWorkspaceBytes(): number;
  lz4Decompress(source: number, sourceLength: number, target: number, targetCapacity: number): number;

  hybridStart(state: number, position: number, end: number, width: number): void;
  bitsStart(state: number, data: number, count: number): void;
  hybridRead(state: number, target: number, count: number): number;
  hybridSkip(state: number, count: number): number;
  hybridReadBits(state: number, target: number, count: number): number;
  hybridSkipBits(state: number, count: number): number;
  unpackBooleans(source: number, index: number, target: number, count: number): number;
  reverseBits(address: number, bytes: number): void;

  plainByteArrays(position: number, end: number, target: number, count: number): number;
  plainByteArraysSkip(position: number, end: number, count: number): number;
  /** How many of the next `most` lie in [position, end) as a whole. */
  plainByteArraysFitting(position: number, end: number, most: number): number;
  copyBytes(target: number, source: number, bytes: number): void;
  spread1(source: number, valid: number, target: number, count: number): void;
  spread4(source: number, valid: number, target: number, count: number): void;
  spread8(source: number, valid: number, target: number, count: number): void;
  spread16(source: number, valid: number, target: number, count: number): void;

  narrowInt32(source: number, target: number, count: number, bits: number, signed: number): number;
  int32ToInt64(source: number, target: number, count: number, factor: number): number;
  uint32ToInt64(source: number, target: number, count: number): number;
  scaleInt64(source: number, target: number, count: number, factor: number): number;
  int32ToInt128(source: number, target: number, count: number): number;
  int64ToInt128(source: number, target: number, count: number): number;
  fixedToInt64(source: number, target: number, count: number, width: number): number;
  fixedToInt128(source: number, target: number, count: number, width: number): number;
  bytesToInt64(source: number, target: number, count: number): number;
  bytesToInt128(source: number, target: number, count: number): number;
  fixedToUuid(source: number, target: number, count: number): number;
  fixedToInterval(source: number, target: number, count: number): number;
  fixedReferences(source: number, width: number, target: number, count: number): number;
  int96ToTimestamp(source: number, target: number, count: number): number;
  float16ToFloat(source: number, target: number, count: number): number;

  checkCodes(codes: number, count: number, limit: number): number;
  gather1(codes: number, dictionary: number, target: number, selection: number, count: number): void;
  gather4(codes: number, dictionary: number, target: number, selection: number, count: number): void;
  gather8(codes: number, dictionary: number, target: number, selection: number, count: number): void;
  gather16(codes: number, dictionary: number, target: number, selection: number, count: number): void;
  selectByCodes(
    codes: number,
    valid: number,
    passes: number,
    nullPasses: number,
    selection: number,
    count: number,
    target: number,
  ): number;
  selectByCodes2(
    codes: number,
    valid: number,
    passes: number,
    nullPasses: number,
    selection: number,
    count: number,
    target: number,
  ): number;
  selectByCodes1(
    codes: number,
    valid: number,
    passes: number,
    nullPasses: number,
    selection: number,
    count: number,
    target: number,
  ): number;
  markRows(selection: number, count: number, passes: number): void;
  selectionRanges(selection: number, count: number, gap: number, target: number): number;

  packCodes1(codes: number, count: number, target: number): void;
  packCodes2(codes: number, count: number, target: number): void;
  packInt64(values: number, count: number, target: number): number;
  unpackCodes1(source: number, target: number, selection: number, count: number): void;
  unpackCodes2(source: number, target: number, selection: number, count: number): void;
  unpackInt64(source: number, target: number, selection: number, count: number): void;
  packStrings(references: number, valid: number, count: number, out: number, target: number, end: number): number;

  deltaStart(state: number, position: number, end: number): number;
  deltaRead(state: number, target: number, count: number, bytes: number): number;
  deltaEnd(state: number): number;
  lengthsToReferences(lengths: number, count: number, position: number, end: number, target: number): number;
  joinedBytes(prefixes: number, suffixes: number, count: number): number;
  joinPrefixes(prefixes: number, references: number, count: number, target: number): void;
  packFixed(references: number, count: number, width: number, target: number): number;
  byteStreamJoin(source: number, total: number, width: number, first: number, count: number, target: number): void;
}

/** Bytes of a hybrid reader's and of a delta reader's state. */
export const HYBRID_STATE_BYTES = 32;
export const DELTA_STATE_BYTES = 64;
