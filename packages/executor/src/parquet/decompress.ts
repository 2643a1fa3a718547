import zlib from "node:zlib";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { describeFailure } from "./decode-failure.ts";
import type { Codec } from "./format.ts";
import type { ParquetKernels } from "./kernels.ts";
import type { SlabPool } from "./slab-pool.ts";

/** Compressed bytes in the shared memory, and where exactly `targetLength` bytes of them go. */
export interface CompressedBytes {
  readonly source: number;
  readonly sourceLength: number;
  readonly target: number;
  readonly targetLength: number;
}

export interface DecompressContext {
  readonly kernels: ParquetKernels;
  readonly memory: SharedMemory;
  readonly pool: SlabPool;
}

/**
 * Decompresses into the shared memory. Throws an Error that says what is wrong with the bytes, QueryError "out-of-memory"
 * when a codec's workspace does not fit.
 */
export const decompress = (codec: Codec, bytes: CompressedBytes, context: DecompressContext): void => {
  const { kernels, memory } = context;
  const { source, sourceLength, target, targetLength } = bytes;
  switch (codec) {
    case "UNCOMPRESSED":
      if (sourceLength !== targetLength) throw wrongLength(sourceLength, targetLength);
      kernels.copyBytes(target, source, sourceLength);
      return;
    case "SNAPPY": {
      const status = kernels.snappyDecompress(source, sourceLength, target, targetLength);
      if (status < 0) throw new Error(describeFailure(status));
      return;
    }
    case "LZ4_RAW":
      decompressLz4(source, sourceLength, target, targetLength, kernels);
      return;
    case "LZ4":
      decompressHadoopLz4(bytes, kernels, memory);
      return;
    case "GZIP":
      store(zlib.gunzipSync(input(bytes, memory), { maxOutputLength: outputLimit(bytes) }), bytes, memory);
      return;
    case "BROTLI":
      store(zlib.brotliDecompressSync(input(bytes, memory), { maxOutputLength: outputLimit(bytes) }), bytes, memory);
      return;
    case "ZSTD":
      decompressZstd(bytes, context);
      return;
    case "LZO":
      throw new Error("LZO compression is not supported");
  }
};

const wrongLength = (found: number, announced: number): Error =>
  new Error(`${found} bytes instead of the announced ${announced}`);

const input = ({ source, sourceLength }: CompressedBytes, memory: SharedMemory): Uint8Array =>
  memory.bytes.subarray(source, source + sourceLength);

/** zlib wants at least one byte; `store` checks the exact length. */
const outputLimit = ({ targetLength }: CompressedBytes): number => Math.max(1, targetLength);

const store = (output: Uint8Array, { target, targetLength }: CompressedBytes, memory: SharedMemory): void => {
  if (output.length !== targetLength) throw wrongLength(output.length, targetLength);
  memory.bytes.set(output, target);
};

const decompressLz4 = (
  source: number,
  sourceLength: number,
  target: number,
  targetLength: number,
  kernels: ParquetKernels,
): void => {
  const written = kernels.lz4Decompress(source, sourceLength, target, targetLength);
  if (written < 0) throw new Error(describeFailure(written));
  if (written !== targetLength) throw wrongLength(written, targetLength);
};

const HADOOP_HEADER_BYTES = 8;

/**
 * The deprecated LZ4 codec: blocks, each after its uncompressed and compressed length as big-endian u32. Some writers
 * left the framing out, so what is not framed is read as one raw block.
 */
const decompressHadoopLz4 = (bytes: CompressedBytes, kernels: ParquetKernels, memory: SharedMemory): void => {
  const { source, sourceLength, target, targetLength } = bytes;
  if (!isHadoopFramed(bytes, memory)) {
    decompressLz4(source, sourceLength, target, targetLength, kernels);
    return;
  }
  let position = source;
  let output = target;
  while (position < source + sourceLength) {
    const outputLength = memory.view.getUint32(position);
    const inputLength = memory.view.getUint32(position + 4);
    position += HADOOP_HEADER_BYTES;
    decompressLz4(position, inputLength, output, outputLength, kernels);
    position += inputLength;
    output += outputLength;
  }
};

/** Whether the lengths of the blocks lead exactly to the end of input and output. */
const isHadoopFramed = (bytes: CompressedBytes, memory: SharedMemory): boolean => {
  let input = bytes.sourceLength;
  let output = bytes.targetLength;
  let position = bytes.source;
  while (input >= HADOOP_HEADER_BYTES) {
    const outputLength = memory.view.getUint32(position);
    const inputLength = memory.view.getUint32(position + 4);
    if (inputLength > input - HADOOP_HEADER_BYTES || outputLength > output) return false;
    input -= HADOOP_HEADER_BYTES + inputLength;
    output -= outputLength;
    position += HADOOP_HEADER_BYTES + inputLength;
  }
  return input === 0 && output === 0;
};

const decompressZstd = (bytes: CompressedBytes, { kernels, pool }: DecompressContext): void => {
  const { source, sourceLength, target, targetLength } = bytes;
  const workspace = pool.acquire(kernels.zstdWorkspaceBytes());
  const status = kernels.zstdDecompress(source, sourceLength, target, targetLength, workspace.address);
  pool.release(workspace);
  if (status < 0) throw new Error(describeFailure(status));
};
