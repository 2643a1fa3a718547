import { QueryError } from "@headcut/plan";
import type { StoredBytes } from "../spill/page-store.ts";
import { describeFailure } from "./decode-failure.ts";
import { type CompressedBytes, decompress } from "./decompress.ts";
import type { Codec, Encoding } from "./format.ts";
import type { PageHeader } from "./page-header.ts";
import type { FlatColumn } from "./schema.ts";
import type { Slab } from "./slab-pool.ts";
import { type DecoderContext, openValueDecoder, type ValueBytes, type ValueDecoder } from "./value-decoder.ts";
import { windowedValues } from "./windowed-values.ts";

/** A page whose bytes are in memory. */
export interface PageInMemory {
  readonly header: PageHeader;
  /** Of what follows the header. */
  readonly address: number;
}

/** A decompressed data page, ready to be read from its first row. */
export type OpenPage =
  /** `decoder` gives the values. `stored`: they are on disk, and of the memory the page took before, only `levels` is needed. */
  | { readonly kind: "values"; readonly decoder: ValueDecoder; readonly stored?: StoredPage }
  /** The hybrid reader in `context.state` gives dictionary codes. */
  | { readonly kind: "codes" };

export interface StoredPage {
  readonly bytes: StoredBytes;
  readonly levels: Slab | undefined;
}

/**
 * Decompresses a data page and starts its readers: that of the definition levels, for an optional column, in
 * `levelState`, that of the values in `context.state`.
 */
export const openDataPage = (
  page: PageInMemory,
  column: FlatColumn,
  codec: Codec,
  levelState: number,
  context: DecoderContext,
): OpenPage => {
  const values =
    page.header.type === "DATA_PAGE_V2"
      ? openVersion2(page, column, codec, levelState, context)
      : openVersion1(page, column, codec, levelState, context);
  const { encoding } = page.header;
  if (mayBeStored(encoding, column, values, context)) return storePage(column, values, levelState, context);
  if (encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE_DICTIONARY")
    return { kind: "values", decoder: openValueDecoder(encoding, column, values, context) };
  startCodes(values, context);
  return { kind: "codes" };
};

const mayBeStored = (
  encoding: Encoding,
  column: FlatColumn,
  { length }: ValueBytes,
  { pages }: DecoderContext,
): boolean =>
  pages !== undefined && encoding === "PLAIN" && column.physical !== "BOOLEAN" && length >= 2 * pages.windowBytes;

/** The values go to disk, and levels to memory of their own. */
const storePage = (column: FlatColumn, values: ValueBytes, levelState: number, context: DecoderContext): OpenPage => {
  const { kernels } = context;
  const { pages } = context;
  if (pages === undefined) throw new Error("internal error: a page is put where there is no room for pages");
  const bytes = pages.put(values.address, values.length);
  let levels: Slab | undefined;
  if (values.levels !== undefined) {
    const { address, length } = values.levels;
    levels = context.allocate(length);
    kernels.copyBytes(levels.address, address, length);
    values.levels.start(levelState, levels.address);
  }
  return {
    kind: "values",
    decoder: windowedValues(column, bytes, pages.windowBytes, context),
    stored: { bytes, levels },
  };
};

/** Decompressed bytes of a page; where they are not compressed, those of the file. */
export const pageBytes = (
  codec: Codec,
  address: number,
  compressedLength: number,
  length: number,
  context: DecoderContext,
): number => {
  if (codec === "UNCOMPRESSED") {
    if (compressedLength !== length) context.fail(`an uncompressed page of ${compressedLength} bytes claims ${length}`);
    return address;
  }
  if (codec === "LZO") context.fail("LZO compression is not supported");
  const target = context.allocate(length).address;
  const bytes: CompressedBytes = { source: address, sourceLength: compressedLength, target, targetLength: length };
  try {
    decompress(codec, bytes, context);
  } catch (error) {
    if (error instanceof QueryError) throw error;
    context.fail(`${codec} decompression failed: ${error instanceof Error ? error.message : error}`);
  }
  return target;
};

const LENGTH_BYTES = 4;

/** Levels and values compressed together; the levels' length in front, unless they are the old bit-packed ones. */
const openVersion1 = (
  { header, address }: PageInMemory,
  column: FlatColumn,
  codec: Codec,
  levelState: number,
  context: DecoderContext,
): ValueBytes => {
  const { kernels, memory } = context;
  const length = header.uncompressedSize;
  const start = pageBytes(codec, address, header.compressedSize, length, context);
  let levelBytes = 0;
  let levels: ValueBytes["levels"];
  if (column.optional && header.definitionLevelEncoding === "BIT_PACKED") {
    levelBytes = Math.ceil(header.numValues / 8);
    if (levelBytes > length) context.fail(describeFailure(-1));
    kernels.reverseBits(start, levelBytes);
    kernels.bitsStart(levelState, start, header.numValues);
    levels = {
      address: start,
      length: levelBytes,
      start: (state, at) => kernels.bitsStart(state, at, header.numValues),
    };
  } else if (column.optional) {
    if (header.definitionLevelEncoding !== "RLE")
      context.fail(`definition levels in encoding ${header.definitionLevelEncoding}`);
    if (length < LENGTH_BYTES) context.fail(describeFailure(-1));
    const runBytes = memory.view.getUint32(start, true);
    if (runBytes > length - LENGTH_BYTES) context.fail(describeFailure(-1));
    levelBytes = LENGTH_BYTES + runBytes;
    kernels.hybridStart(levelState, start + LENGTH_BYTES, start + levelBytes, 1);
    levels = runs(start + LENGTH_BYTES, runBytes, context);
  }
  return { address: start + levelBytes, length: length - levelBytes, maxValues: header.numValues, levels };
};

const runs = (address: number, length: number, { kernels }: DecoderContext): ValueBytes["levels"] => ({
  address,
  length,
  start: (state, at) => kernels.hybridStart(state, at, at + length, 1),
});

/** Levels in front, never compressed and without their length; then the values. */
const openVersion2 = (
  { header, address }: PageInMemory,
  column: FlatColumn,
  codec: Codec,
  levelState: number,
  context: DecoderContext,
): ValueBytes => {
  const { repetitionLevelsLength, definitionLevelsLength, compressedSize, uncompressedSize, numValues } = header;
  const levelBytes = repetitionLevelsLength + definitionLevelsLength;
  if (levelBytes > compressedSize || levelBytes > uncompressedSize) context.fail(describeFailure(-1));
  const levels = address + repetitionLevelsLength;
  if (column.optional) context.kernels.hybridStart(levelState, levels, levels + definitionLevelsLength, 1);
  const length = uncompressedSize - levelBytes;
  const compressedLength = compressedSize - levelBytes;
  const isEmpty = length === 0 && compressedLength === 0;
  const valuesCodec = header.isCompressed && !isEmpty ? codec : "UNCOMPRESSED";
  const start = pageBytes(valuesCodec, address + levelBytes, compressedLength, length, context);
  const optional = column.optional ? runs(levels, definitionLevelsLength, context) : undefined;
  return { address: start, length, maxValues: numValues, levels: optional };
};

const MAX_CODE_BITS = 32;

/** One byte says the codes' width. A page of NULLs may have no bytes at all. */
const startCodes = (values: ValueBytes, context: DecoderContext): void => {
  const { kernels, memory, state } = context;
  const end = values.address + values.length;
  if (values.length === 0) {
    kernels.hybridStart(state, end, end, 1);
    return;
  }
  const width = memory.bytes[values.address]!;
  if (width > MAX_CODE_BITS) context.fail(`dictionary codes of ${width} bits`);
  kernels.hybridStart(state, values.address + 1, end, width);
};
