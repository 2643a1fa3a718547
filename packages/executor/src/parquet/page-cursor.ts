import { QueryError } from "@headcut/plan";
import type { PieceReader } from "../io/byte-source.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import { corruptFile, type FilePlace } from "./corrupt-file.ts";
import { type PageHeader, readPageHeader } from "./page-header.ts";
import type { MorselChunk } from "./scan-plan.ts";
import { CompactReader } from "./thrift.ts";

/** A page as it lies in the chunk. */
export interface Page {
  readonly header: PageHeader;
  /** Where what follows the header is, `header.compressedSize` bytes. */
  readonly body: PageBody;
  /** Offset of the header in the file. */
  readonly fileOffset: number;
}

export type PageBody =
  | { readonly kind: "memory"; readonly address: number }
  | { readonly kind: "file"; readonly source: PieceReader; readonly offset: number };

/** A column chunk, in memory or still in its file, from which its pages are read one by one. */
export interface ChunkBytes extends MorselChunk {
  readonly place:
    | { readonly kind: "memory"; readonly address: number }
    | { readonly kind: "file"; readonly source: PieceReader };
}

/** Walks the pages of a chunk; `undefined` at the end. Throws QueryError "corrupt-file", "io". */
export const pagesOf = (chunk: ChunkBytes, place: FilePlace, memory: SharedMemory): (() => Page | undefined) =>
  chunk.place.kind === "memory"
    ? pagesInMemory({ ...chunk, address: chunk.place.address }, place, memory)
    : pagesInFile(chunk, place, chunk.place.source);

/** Sizes are checked against the chunk, so that whoever follows them stays inside. */
const pagesInMemory = (
  chunk: MorselChunk & { readonly address: number },
  place: FilePlace,
  memory: SharedMemory,
): (() => Page | undefined) => {
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
    checkSizes(header, end - address, chunk, { ...place, offset: fileOffset });
    position = address + header.compressedSize;
    return { header, body: { kind: "memory", address }, fileOffset };
  };
};

/** A page's header rarely takes more; where it does, more is read. */
const HEADER_BYTES = [512, 64 << 10, 16 << 20] as const;

const pagesInFile = (chunk: MorselChunk, place: FilePlace, source: PieceReader): (() => Page | undefined) => {
  const end = chunk.fileOffset + chunk.length;
  let position = chunk.fileOffset;
  return () => {
    if (position >= end) return undefined;
    const fileOffset = position;
    for (const most of HEADER_BYTES) {
      const bytes = new Uint8Array(Math.min(most, end - fileOffset));
      const read = source.readInto(bytes, fileOffset, bytes.length);
      if (read !== undefined) throw new Error("internal error: a source that reads later says it reads at once");
      const isAll = bytes.length === end - fileOffset || most === HEADER_BYTES.at(-1);
      const reader = new CompactReader(bytes, 0, bytes.length, (at, what) => {
        if (!isAll) throw new HeaderCutOff();
        throw corruptFile({ ...place, offset: fileOffset + at }, `page header is malformed: ${what}`);
      });
      let header: PageHeader;
      try {
        header = readHeader(reader, { ...place, offset: fileOffset });
      } catch (error) {
        if (error instanceof QueryError && error.cause instanceof HeaderCutOff) continue;
        throw error;
      }
      const offset = fileOffset + reader.position;
      checkSizes(header, end - offset, chunk, { ...place, offset: fileOffset });
      position = offset + header.compressedSize;
      return { header, body: { kind: "file", source, offset }, fileOffset };
    }
    throw new Error("internal error: a page header was neither read nor refused");
  };
};

/** It may go on behind what was read of it. */
class HeaderCutOff extends Error {}

const checkSizes = (
  { compressedSize, uncompressedSize }: PageHeader,
  left: number,
  { uncompressedLength }: MorselChunk,
  place: FilePlace,
): void => {
  if (compressedSize > left) throw corruptFile(place, `page of ${compressedSize} bytes in a chunk with ${left} left`);
  if (uncompressedSize > uncompressedLength)
    throw corruptFile(place, `page of ${uncompressedSize} uncompressed bytes in a chunk of ${uncompressedLength}`);
};

const readHeader = (reader: CompactReader, place: FilePlace): PageHeader => {
  try {
    return readPageHeader(reader);
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw corruptFile(place, "page header is malformed", error);
  }
};
