import { codecs } from "./format.ts";
import type { MorselChunk, ParquetMorsel, RowRange } from "./scan-plan.ts";

/** In place of a codec: the file lacks the column. */
const NO_CHUNK = -1;
/** In place of the number of ranges: all rows. */
const ALL_ROWS = -1;

const ONLY_DICTIONARY_PAGES = 1;
const HAS_TICKET = 2;
const HAS_RANGE = 4;

/** 64 bits do not fit a number: the high word with the sign, and the low one. */
const wordsOf = (bound: bigint): [number, number] => [Number(bound >> 32n), Number(bound & 0xffff_ffffn)];

/** Every field of a chunk is packed below: a new one makes this line an error. */
type Packed = "codec" | "fileOffset" | "length" | "uncompressedLength" | "onlyDictionaryPages" | "ticket" | "range";
true satisfies [Exclude<keyof MorselChunk, Packed>] extends [never] ? true : never;

/**
 * Morsels as numbers, one after the other: file, row group, rows, number of chunks, number of ranges, the chunks (codec, offset, length,
 * uncompressed length, flags, then ticket and range if they have them), the ranges (start, end).
 */
export const packParquetMorsels = (morsels: readonly ParquetMorsel[]): number[] => {
  const packed: number[] = [];
  for (const { file, rowGroup, rowCount, chunks, ranges } of morsels) {
    packed.push(file, rowGroup, rowCount, chunks.length, ranges?.length ?? ALL_ROWS);
    for (const chunk of chunks) {
      if (chunk === undefined) packed.push(NO_CHUNK);
      else {
        const { codec, fileOffset, length, uncompressedLength, onlyDictionaryPages, ticket, range } = chunk;
        const flags =
          (onlyDictionaryPages ? ONLY_DICTIONARY_PAGES : 0) |
          (ticket === undefined ? 0 : HAS_TICKET) |
          (range === undefined ? 0 : HAS_RANGE);
        packed.push(codecs.indexOf(codec), fileOffset, length, uncompressedLength, flags);
        if (ticket !== undefined) packed.push(ticket.slot, ticket.key, ticket.uses);
        if (range !== undefined) for (const bound of [range.min, range.max]) packed.push(...wordsOf(bound));
      }
    }
    for (const { start, end } of ranges ?? []) packed.push(start, end);
  }
  return packed;
};

export const unpackParquetMorsels = (packed: ArrayLike<number>): ParquetMorsel[] => {
  let at = 0;
  const next = (): number => packed[at++]!;
  const bound = (): bigint => (BigInt(next()) << 32n) | BigInt(next());
  const chunk = (): MorselChunk | undefined => {
    const codec = next();
    if (codec === NO_CHUNK) return undefined;
    const place = { codec: codecs[codec]!, fileOffset: next(), length: next(), uncompressedLength: next() };
    const flags = next();
    return {
      ...place,
      onlyDictionaryPages: (flags & ONLY_DICTIONARY_PAGES) !== 0,
      ...((flags & HAS_TICKET) !== 0 && { ticket: { slot: next(), key: next(), uses: next() } }),
      ...((flags & HAS_RANGE) !== 0 && { range: { min: bound(), max: bound() } }),
    };
  };
  const range = (): RowRange => ({ start: next(), end: next() });
  const morsels: ParquetMorsel[] = [];
  while (at < packed.length) {
    const morsel = { file: next(), rowGroup: next(), rowCount: next() };
    const chunkCount = next();
    const rangeCount = next();
    const chunks = Array.from({ length: chunkCount }, chunk);
    if (rangeCount === ALL_ROWS) morsels.push({ ...morsel, chunks });
    else morsels.push({ ...morsel, chunks, ranges: Array.from({ length: rangeCount }, range) });
  }
  return morsels;
};
