import type { ByteSource } from "../io/byte-source.ts";
import type { ColumnChunk } from "./format.ts";
import { chunkStart, type ParquetFileInfo } from "./open-file.ts";
import { readPageHeader } from "./page-header.ts";
import type { FlatColumn } from "./schema.ts";
import { CompactReader } from "./thrift.ts";

/** What a dictionary page's header tells about the chunk's distinct values. */
export interface DictionarySize {
  readonly rowGroup: number;
  readonly entries: number;
  /** Uncompressed, PLAIN-encoded. */
  readonly bytes: number;
  /** Whether it is known to hold all values of the chunk. */
  readonly complete: boolean;
}

/** A header without statistics is some 20 bytes long. */
const HEADER_BYTES = 256;

/** Sizes of a column's dictionaries in the first row groups, one small read each. */
export const readDictionarySizes = async (
  source: ByteSource,
  file: ParquetFileInfo,
  column: FlatColumn,
  rowGroups: number,
): Promise<readonly DictionarySize[]> => {
  const sizes: DictionarySize[] = [];
  for (let rowGroup = 0; rowGroup < Math.min(rowGroups, file.rowGroups.length); rowGroup++) {
    const chunk = file.rowGroups[rowGroup]!.chunks[column.leaf];
    if (chunk === undefined || chunk.numValues === 0) continue;
    const size = await readDictionarySize(source, chunk);
    if (size !== undefined && size.entries <= chunk.numValues)
      sizes.push({ rowGroup, ...size, complete: chunk.onlyDictionaryPages });
  }
  return sizes;
};

const readDictionarySize = async (
  source: ByteSource,
  chunk: ColumnChunk,
): Promise<{ readonly entries: number; readonly bytes: number } | undefined> => {
  const bytes = new Uint8Array(Math.min(HEADER_BYTES, chunk.totalCompressedSize));
  await source.readInto(bytes, chunkStart(chunk), bytes.length);
  try {
    const reader = new CompactReader(bytes, 0, bytes.length, (_, what) => {
      throw new Error(what);
    });
    const header = readPageHeader(reader);
    if (header.type !== "DICTIONARY_PAGE") return undefined;
    return { entries: header.numValues, bytes: header.uncompressedSize };
  } catch {
    // Only an estimate is at stake: whoever reads the chunk will say what is wrong with it.
    return undefined;
  }
};
