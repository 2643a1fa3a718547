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

type Details = Omit<PageHeader, "type" | "uncompressedSize" | "compressedSize" | "crc">;

const noDetails: Details = {
  numValues: 0,
  encoding: "PLAIN",
  definitionLevelEncoding: "RLE",
  numNulls: 0,
  definitionLevelsLength: 0,
  repetitionLevelsLength: 0,
  isCompressed: true,
};

/** Reads `PageHeader`; numbers are checked not to be negative, the rest is up to who knows the chunk. */
export const readPageHeader = (reader: CompactReader): PageHeader => {
  let type: PageType | undefined;
  let uncompressedSize = -1;
  let compressedSize = -1;
  let crc: number | undefined;
  let details: Details | undefined;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) type = pageTypes[reader.i32()] ?? reader.fail("unknown page type");
    else if (id === 2) uncompressedSize = reader.i32();
    else if (id === 3) compressedSize = reader.i32();
    else if (id === 4) crc = reader.i32();
    else if (id === 5) details = readDataPageHeader(reader);
    else if (id === 7) details = readDictionaryPageHeader(reader);
    else if (id === 8) details = readDataPageHeaderV2(reader);
    else reader.skip();
  }
  if (type === undefined) return reader.fail("page header without a type");
  if (details === undefined && type !== "INDEX_PAGE") return reader.fail(`${type} without its header`);
  const header = { type, uncompressedSize, compressedSize, crc, ...(details ?? noDetails) };
  const { numValues, numNulls, definitionLevelsLength, repetitionLevelsLength } = header;
  const numbers = [
    uncompressedSize,
    compressedSize,
    numValues,
    numNulls,
    definitionLevelsLength,
    repetitionLevelsLength,
  ];
  if (numbers.some((number) => number < 0)) return reader.fail("negative or missing number in page header");
  return header;
};

const readEncoding = (reader: CompactReader): Encoding =>
  encodings[reader.i32()] ?? reader.fail("unknown encoding in page header");

const readDataPageHeader = (reader: CompactReader): Details => {
  reader.struct();
  let numValues = -1;
  let encoding: Encoding = "PLAIN";
  let definitionLevelEncoding: Encoding = "RLE";
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) numValues = reader.i32();
    else if (id === 2) encoding = readEncoding(reader);
    else if (id === 3) definitionLevelEncoding = readEncoding(reader);
    else reader.skip();
  }
  return { ...noDetails, numValues, encoding, definitionLevelEncoding };
};

const readDictionaryPageHeader = (reader: CompactReader): Details => {
  reader.struct();
  let numValues = -1;
  let encoding: Encoding = "PLAIN";
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) numValues = reader.i32();
    else if (id === 2) encoding = readEncoding(reader);
    else reader.skip();
  }
  return { ...noDetails, numValues, encoding };
};

const readDataPageHeaderV2 = (reader: CompactReader): Details => {
  reader.struct();
  let numValues = -1;
  let numNulls = 0;
  let encoding: Encoding = "PLAIN";
  let definitionLevelsLength = 0;
  let repetitionLevelsLength = 0;
  let isCompressed = true;
  for (let id = reader.nextField(0); id !== 0; id = reader.nextField(id)) {
    if (id === 1) numValues = reader.i32();
    else if (id === 2) numNulls = reader.i32();
    else if (id === 4) encoding = readEncoding(reader);
    else if (id === 5) definitionLevelsLength = reader.i32();
    else if (id === 6) repetitionLevelsLength = reader.i32();
    else if (id === 7) isCompressed = reader.bool();
    else reader.skip();
  }
  return {
    ...noDetails,
    numValues,
    numNulls,
    encoding,
    definitionLevelsLength,
    repetitionLevelsLength,
    isCompressed,
  };
};
