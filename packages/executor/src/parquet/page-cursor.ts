import { QueryError } from "@headcut/plan";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { corruptFile, type FilePlace } from "./corrupt-file.ts";
import { type PageHeader, readPageHeader } from "./page-header.ts";
import type { MorselChunk } from "./scan-plan.ts";
import { CompactReader } from "./thrift.ts";

/** A page as it lies in the chunk's bytes. */
export interface Page {
  readonly header: PageHeader;
  /** Address of what follows the header, `header.compressedSize` bytes. */
  readonly address: number;
  /** Offset of the header in the file. */
  readonly fileOffset: number;
}

/** A column chunk in memory. */
export interface ChunkBytes extends MorselChunk {
  readonly address: number;
}

/**
 * Walks the pages of a chunk; `undefined` at the end. Sizes are checked against the chunk, so that whoever
 * follows them stays inside. Throws QueryError "corrupt-file".
 */
export const pagesOf = (chunk: ChunkBytes, place: FilePlace, memory: SharedMemory): (() => Page | undefined) => {
  const end = chunk.address + chunk.length;
  const toFile = chunk.fileOffset - chunk.address;
  let position = chunk.address;
  return () => {
    if (position >= end) return undefined;
    const fileOffset = position + toFile;
    const reader = new CompactReader(memory.bytes, position, end, (at, what) => {
      throw corruptFile({ ...place, offset: at + toFile }, `page header is malformed: ${what}`);
    });
    const header = readHeader(reader, { ...place, offset: fileOffset });
    const address = reader.position;
    if (header.compressedSize > end - address)
      throw corruptFile(
        { ...place, offset: fileOffset },
        `page of ${header.compressedSize} bytes in a chunk with ${end - address} left`,
      );
    if (header.uncompressedSize > chunk.uncompressedLength)
      throw corruptFile(
        { ...place, offset: fileOffset },
        `page of ${header.uncompressedSize} uncompressed bytes in a chunk of ${chunk.uncompressedLength}`,
      );
    position = address + header.compressedSize;
    return { header, address, fileOffset };
  };
};

const readHeader = (reader: CompactReader, place: FilePlace): PageHeader => {
  try {
    return readPageHeader(reader);
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw corruptFile(place, "page header is malformed", error);
  }
};
