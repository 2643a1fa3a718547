import { type Encoding, encodings, type PageType, pageTypes } from "./format.ts";
import type { CompactReader } from "./thrift.ts";

/** A page's header, for any page type; fields that a type lacks are 0. */
export interface PageHeader {
  readonly type: PageType;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  readonly crc: number | undefined;
  /** Including NULLs; entries, for a dictionary. */
  readonly numValues: number;
  readonly encoding: Encoding;
  /** Version 1 only. */
  readonly definitionLevelEncoding: Encoding;
  /** Version 2 only: NULLs, bytes of the levels before the values, and whether the values are compressed. */
  readonly numNulls: number;
  readonly definitionLevelsLength: number;
  readonly repetitionLevelsLength: number;
  readonly isCompressed: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads `PageHeader`; numbers are checked not to be negative, the rest is up to who knows the chunk. */
export const readPageHeader = (reader: CompactReader): PageHeader => {
  const header: Mutable<PageHeader> = {
    type: "INDEX_PAGE",
    uncompressedSize: -1,
    compressedSize: -1,
    crc: undefined,
    numValues: 0,
    encoding: "PLAIN",
    definitionLevelEncoding: "RLE",
    numNulls: 0,
    definitionLevelsLength: 0,
    repetitionLevelsLength: 0,
    isCompressed: true,
  };
  let hasType = false;
  let hasDetails = false;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) {
      header.type = pageTypes[reader.i32()] ?? reader.fail("unknown page type");
      hasType = true;
    } else if (id === 2) header.uncompressedSize = reader.i32();
    else if (id === 3) header.compressedSize = reader.i32();
    else if (id === 4) header.crc = reader.i32();
    else if (id === 5 || id === 7 || id === 8) {
      hasDetails = true;
      if (id === 8) readVersion2(reader, header);
      else readVersion1(reader, header);
    } else reader.skip();
  }
  if (!hasType) reader.fail("page header without a type");
  if (!hasDetails && header.type !== "INDEX_PAGE") reader.fail(`${header.type} without its header`);
  const isNegative =
    header.uncompressedSize < 0 ||
    header.compressedSize < 0 ||
    header.numValues < 0 ||
    header.numNulls < 0 ||
    header.definitionLevelsLength < 0 ||
    header.repetitionLevelsLength < 0;
  if (isNegative) reader.fail("negative or missing number in page header");
  return header;
};

const readEncoding = (reader: CompactReader): Encoding =>
  encodings[reader.i32()] ?? reader.fail("unknown encoding in page header");

/** `DataPageHeader`; `DictionaryPageHeader` has the same first fields. */
const readVersion1 = (reader: CompactReader, header: Mutable<PageHeader>): void => {
  reader.struct();
  header.numValues = -1;
  const isDictionary = header.type === "DICTIONARY_PAGE";
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) header.numValues = reader.i32();
    else if (id === 2) header.encoding = readEncoding(reader);
    else if (id === 3 && !isDictionary) header.definitionLevelEncoding = readEncoding(reader);
    else reader.skip();
  }
};

const readVersion2 = (reader: CompactReader, header: Mutable<PageHeader>): void => {
  reader.struct();
  header.numValues = -1;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) header.numValues = reader.i32();
    else if (id === 2) header.numNulls = reader.i32();
    else if (id === 4) header.encoding = readEncoding(reader);
    else if (id === 5) header.definitionLevelsLength = reader.i32();
    else if (id === 6) header.repetitionLevelsLength = reader.i32();
    else if (id === 7) header.isCompressed = reader.bool();
    else reader.skip();
  }
};
