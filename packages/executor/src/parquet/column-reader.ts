import { type StorageLayout, storageLayout, storageOf } from "../layout/storage.ts";
import type { SharedMemory } from "../memory/shared-memory.ts";
import type { PageStore } from "../spill/page-store.ts";
import type { ChunkDecoder } from "./column-source.ts";
import { type Conversion, conversionOf } from "./conversion.ts";
import { corruptFile, type FilePlace } from "./corrupt-file.ts";
import { describeFailure } from "./decode-failure.ts";
import { type Dictionary, decodeDictionary } from "./dictionary.ts";
import type { Codec } from "./format.ts";
import type { ParquetKernels } from "./kernels.ts";
import { type ChunkBytes, type Page, pagesOf } from "./page-cursor.ts";
import { type OpenPage, openDataPage, pageBytes } from "./page-decoder.ts";
import type { FlatColumn } from "./schema.ts";
import type { Slab, SlabPool } from "./slab-pool.ts";
import type { DecoderContext } from "./value-decoder.ts";

/** Addresses of a column's part of the scan's memory, each with padding behind. */
export interface ColumnBuffers {
  /** A batch of values, of validity bytes, of codes. */
  readonly values: number;
  readonly valid: number;
  readonly codes: number;
  /** States of the running decoders, `DECODER_STATE_BYTES` each. */
  readonly levelState: number;
  readonly valueState: number;
  /** Two vectors of a batch that all columns share: physical values, and values before NULLs are put between. */
  readonly physical: number;
  readonly dense: number;
}

export interface ReaderEnvironment {
  readonly memory: SharedMemory;
  readonly kernels: ParquetKernels;
  readonly pool: SlabPool;
  readonly counters: PageCounters;
  /** Memory is so short that large pages are put on disk. */
  readonly pages?: PageStore | undefined;
}

export interface PageCounters {
  bytesRead: number;
  /** Data pages decompressed and decoded. */
  pagesRead: number;
  /** Data pages of which no row was needed. */
  pagesSkipped: number;
}

/** What a batch holds of the column so far: codes alone, until somebody needs values; or values. */
type BatchState = "empty" | "codes" | "values";

/**
 * Reads one column chunk after the other, in row order, into batches. Skipping costs nothing until the next read: pages that are
 * skipped whole are never decompressed. What a batch points to stays until the next `beginBatch`.
 */
export class ColumnReader implements ChunkDecoder {
  readonly column: FlatColumn;
  readonly #environment: ReaderEnvironment;
  readonly #buffers: ColumnBuffers;
  readonly #layout: StorageLayout;
  readonly #conversion: Conversion | undefined;

  #place: FilePlace = { path: "" };
  #codec: Codec = "UNCOMPRESSED";
  #nextPage: () => Page | undefined = () => undefined;
  #chunkRowsLeft = 0;
  #isAllCodes = false;
  #chunkSlabs: Slab[] = [];
  #dictionaryPage: Page | undefined;
  #dictionary: Dictionary | undefined;

  #page: Page | undefined;
  #open: OpenPage | undefined;
  #pageRowsLeft = 0;
  #pageSlabs: Slab[] = [];
  #pendingSkip = 0;
  /** Slabs of pages that the current batch still points to. */
  #retiredSlabs: Slab[] = [];

  #state: BatchState = "empty";
  #pieces: { readonly at: number; readonly count: number }[] = [];
  /** The batch's values where they lie in the page, as the address of row 0; or 0: they are in the buffer. */
  #inPage = 0;
  #hasNulls = false;

  constructor(column: FlatColumn, buffers: ColumnBuffers, environment: ReaderEnvironment) {
    this.column = column;
    this.#buffers = buffers;
    this.#environment = environment;
    this.#layout = storageLayout[storageOf(column.type)];
    this.#conversion = conversionOf(column, environment.kernels);
  }

  /** Starts with the first row of a chunk. */
  beginChunk(place: FilePlace, chunk: ChunkBytes, rowCount: number): void {
    this.endChunk();
    this.#place = place;
    this.#codec = chunk.codec;
    this.#nextPage = pagesOf(chunk, place, this.#environment.memory);
    this.#chunkRowsLeft = rowCount;
    this.#isAllCodes = chunk.onlyDictionaryPages;
  }

  /** Gives back what the chunk holds; the last batch is gone with it. */
  endChunk(): void {
    this.#closePage();
    this.beginBatch();
    for (const slab of this.#chunkSlabs) this.#environment.pool.release(slab);
    this.#chunkSlabs = [];
    this.#dictionaryPage = undefined;
    this.#dictionary = undefined;
    this.#nextPage = () => undefined;
    this.#chunkRowsLeft = 0;
    this.#pageRowsLeft = 0;
    this.#pendingSkip = 0;
  }

  /** Forgets the last batch. */
  beginBatch(): void {
    for (const slab of this.#retiredSlabs) this.#environment.pool.release(slab);
    this.#retiredSlabs.length = 0;
    this.#state = "empty";
    this.#pieces.length = 0;
    this.#inPage = 0;
    this.#hasNulls = false;
  }

  skip(count: number): void {
    this.#pendingSkip += count;
  }

  /** Reads the next `count` rows to rows `at` … of the batch; within a batch `at` grows. */
  read(at: number, count: number): void {
    let row = at;
    const end = at + count;
    while (row < end) {
      const open = this.#advance();
      const now = Math.min(end - row, this.#pageRowsLeft);
      this.#readPiece(open, row, now);
      this.#pageRowsLeft -= now;
      row += now;
    }
  }

  /** The chunk's dictionary before any row is read; undefined if the chunk does not begin with one. */
  peekDictionary(): Dictionary | undefined {
    if (this.#page === undefined) this.#loadPage();
    if (this.#dictionaryPage !== undefined) this.#dictionary ??= this.#openDictionary(this.#page!);
    return this.#dictionary;
  }

  get isAllCodes(): boolean {
    return this.#isAllCodes;
  }

  get codes(): Dictionary | undefined {
    return this.#state === "codes" ? this.#dictionary : undefined;
  }

  get packedCodes(): number {
    return this.#buffers.codes;
  }

  get packedCodesWidth(): number {
    return 4;
  }

  get codesAddress(): number {
    return this.#state === "codes" ? this.#buffers.codes : 0;
  }

  get validAddress(): number {
    return this.#hasNulls ? this.#buffers.valid : 0;
  }

  get valuesAddress(): number {
    return this.#inPage !== 0 ? this.#inPage : this.#buffers.values;
  }

  /** Everything is where it should be. */
  fill(): void {}

  settleValues(): void {
    if (this.#state !== "codes") return;
    this.#settle();
    this.#state = "values";
  }

  #gather(at: number, count: number, codes = this.#buffers.codes + at * 4): void {
    const { kernels } = this.#environment;
    const { bytes } = this.#layout;
    const target = this.#buffers.values + at * bytes;
    const dictionary = this.#dictionary!.address;
    if (bytes === 8) kernels.gather8(codes, dictionary, target, 0, count);
    else if (bytes === 4) kernels.gather4(codes, dictionary, target, 0, count);
    else if (bytes === 16) kernels.gather16(codes, dictionary, target, 0, count);
    else kernels.gather1(codes, dictionary, target, 0, count);
  }

  /** Goes to the next row to be read, and opens its page. */
  #advance(): OpenPage {
    while (this.#pendingSkip >= this.#pageRowsLeft) {
      this.#pendingSkip -= this.#pageRowsLeft;
      this.#closePage();
      this.#loadPage();
    }
    this.#open ??= this.#openPage(this.#page!);
    if (this.#pendingSkip > 0) {
      this.#skipInPage(this.#open, this.#pendingSkip);
      this.#pageRowsLeft -= this.#pendingSkip;
      this.#pendingSkip = 0;
    }
    return this.#open;
  }

  #closePage(): void {
    if (this.#page !== undefined && this.#open === undefined) this.#environment.counters.pagesSkipped++;
    if (this.#open?.kind === "values") this.#open.stored?.bytes.release();
    this.#retiredSlabs.push(...this.#pageSlabs);
    this.#pageSlabs.length = 0;
    this.#page = undefined;
    this.#open = undefined;
    this.#pageRowsLeft = 0;
  }

  #loadPage(): void {
    for (;;) {
      const page = this.#nextPage();
      if (page === undefined)
        throw corruptFile(this.#place, `column chunk ends ${this.#chunkRowsLeft} rows before its row group`);
      const { type, numValues } = page.header;
      if (type === "INDEX_PAGE") continue;
      if (type === "DICTIONARY_PAGE") {
        if (this.#dictionaryPage !== undefined) this.#fail("second dictionary in a column chunk", page);
        this.#dictionaryPage = page;
        continue;
      }
      if (numValues > this.#chunkRowsLeft)
        this.#fail(`page of ${numValues} rows where the row group has ${this.#chunkRowsLeft} left`, page);
      this.#chunkRowsLeft -= numValues;
      this.#page = page;
      this.#pageRowsLeft = numValues;
      return;
    }
  }

  #openPage(page: Page): OpenPage {
    this.#environment.counters.pagesRead++;
    const context = this.#context(page, this.#pageSlabs);
    const { address, slab } = this.#bring(page, this.#pageSlabs);
    const { header } = page;
    const open = openDataPage({ header, address }, this.column, this.#codec, this.#buffers.levelState, context);
    // Of version 2, the levels are not compressed, and read where they are.
    if (open.kind === "values" && open.stored !== undefined) this.#keepOnly(open.stored.levels);
    else if (header.type === "DATA_PAGE") this.#dropCompressed(slab, this.#pageSlabs);
    if (open.kind === "codes" && this.#dictionary === undefined) this.#dictionary = this.#openDictionary(page);
    return open;
  }

  #openDictionary(user: Page): Dictionary {
    const page = this.#dictionaryPage ?? this.#fail("page of dictionary codes without a dictionary", user);
    const { header } = page;
    if (header.encoding !== "PLAIN" && header.encoding !== "PLAIN_DICTIONARY")
      this.#fail(`dictionary in encoding ${header.encoding}`, page);
    // The page that is open already has the value state; a PLAIN decoder has none.
    const context = this.#context(page, this.#chunkSlabs);
    const length = header.uncompressedSize;
    const { address: start, slab } = this.#bring(page, this.#chunkSlabs);
    const address = pageBytes(this.#codec, start, header.compressedSize, length, context);
    this.#dropCompressed(slab, this.#chunkSlabs);
    const bytes = { address, length, maxValues: header.numValues };
    return decodeDictionary(this.column, this.#layout, this.#conversion, bytes, context);
  }

  /** The page's bytes in memory; read now, to a slab that is one of `slabs`, if they are still in the file. */
  #bring({ body, header }: Page, slabs: Slab[]): { readonly address: number; readonly slab: Slab | undefined } {
    if (body.kind === "memory") return { address: body.address, slab: undefined };
    const { memory, pool, counters } = this.#environment;
    const length = header.compressedSize;
    const slab = pool.acquire(length);
    slabs.push(slab);
    const { address } = slab;
    const read = body.source.readInto(memory.bytes.subarray(address, address + length), body.offset, length);
    if (read !== undefined) throw new Error("internal error: a source that reads later says it reads at once");
    counters.bytesRead += length;
    return { address, slab };
  }

  /** Gives back the bytes of a page that is decompressed by now. */
  #dropCompressed(slab: Slab | undefined, slabs: Slab[]): void {
    if (slab === undefined || this.#codec === "UNCOMPRESSED") return;
    slabs.splice(slabs.indexOf(slab), 1);
    this.#environment.pool.release(slab);
  }

  /** Gives back what the page took until it was put on disk. */
  #keepOnly(levels: Slab | undefined): void {
    for (const slab of this.#pageSlabs) if (slab !== levels) this.#environment.pool.release(slab);
    this.#pageSlabs.length = 0;
    if (levels !== undefined) this.#pageSlabs.push(levels);
  }

  #context(page: Page, slabs: Slab[]): DecoderContext {
    const { memory, kernels, pool, pages } = this.#environment;
    return {
      memory,
      kernels,
      pool,
      state: this.#buffers.valueState,
      allocate: (bytes) => {
        const slab = pool.acquire(bytes);
        slabs.push(slab);
        return slab;
      },
      retire: (slab) => {
        slabs.splice(slabs.indexOf(slab), 1);
        this.#retiredSlabs.push(slab);
      },
      ...(pages !== undefined && { pages }),
      fail: (what) => this.#fail(what, page),
    };
  }

  #fail(what: string, page = this.#page): never {
    throw corruptFile({ ...this.#place, offset: page?.fileOffset }, what);
  }

  #check(status: number): number {
    return status < 0 ? this.#fail(describeFailure(status)) : status;
  }

  #skipInPage(open: OpenPage, rows: number): void {
    const { kernels } = this.#environment;
    const values = this.column.optional ? this.#check(kernels.hybridSkipBits(this.#buffers.levelState, rows)) : rows;
    if (open.kind === "values") open.decoder.skip(values);
    else this.#check(kernels.hybridSkip(this.#buffers.valueState, values));
  }

  #readPiece(open: OpenPage, at: number, count: number): void {
    const { kernels } = this.#environment;
    const { valid, levelState } = this.#buffers;
    const present = this.column.optional ? this.#check(kernels.hybridReadBits(levelState, valid + at, count)) : count;
    if (present < count) this.#hasNulls = true;
    if (open.kind === "values") this.#readValues(open, at, count, present);
    else if (this.#state === "values") this.#readCodesAsValues(at, count, present);
    else {
      this.#readCodes(this.#buffers.codes + at * 4, at, count, present);
      this.#state = "codes";
    }
    this.#pieces.push({ at, count });
  }

  #readCodes(target: number, at: number, count: number, present: number): void {
    const { kernels } = this.#environment;
    const { valid, valueState, physical } = this.#buffers;
    const codes = present === count ? target : physical;
    this.#check(kernels.hybridRead(valueState, codes, present));
    this.#check(kernels.checkCodes(codes, present, this.#dictionary!.count));
    if (present < count) kernels.spread4(codes, valid + at, target, count);
  }

  /** A dictionary page after one of plain values in the same batch. */
  #readCodesAsValues(at: number, count: number, present: number): void {
    this.#settle();
    this.#readCodes(this.#buffers.dense, at, count, present);
    this.#gather(at, count, this.#buffers.dense);
  }

  #readValues(open: OpenPage & { kind: "values" }, at: number, count: number, present: number): void {
    const { kernels } = this.#environment;
    const { values, valid, physical, dense } = this.#buffers;
    const { bytes } = this.#layout;
    this.#settle();
    const target = values + at * bytes;
    const isWhole = present === count;
    let address = open.decoder.next(present, isWhole && this.#conversion === undefined ? target : physical);
    if (this.#conversion !== undefined) {
      const converted = isWhole ? target : dense;
      this.#check(this.#conversion(address, converted, present));
      address = converted;
    }
    if (!isWhole) this.#spread(address, valid + at, target, count);
    else if (address !== target && this.#state === "empty") this.#inPage = address - at * bytes;
    else if (address !== target) kernels.copyBytes(target, address, count * bytes);
    this.#state = "values";
  }

  #spread(source: number, valid: number, target: number, count: number): void {
    const { kernels } = this.#environment;
    const { bytes } = this.#layout;
    if (bytes === 8) kernels.spread8(source, valid, target, count);
    else if (bytes === 4) kernels.spread4(source, valid, target, count);
    else if (bytes === 16) kernels.spread16(source, valid, target, count);
    else kernels.spread1(source, valid, target, count);
  }

  /** Before another piece of values joins those of the batch: all of them must be in the buffer. */
  #settle(): void {
    if (this.#state === "codes") for (const { at, count } of this.#pieces) this.#gather(at, count);
    if (this.#state === "values" && this.#inPage !== 0) {
      const { bytes } = this.#layout;
      for (const { at, count } of this.#pieces)
        this.#environment.kernels.copyBytes(
          this.#buffers.values + at * bytes,
          this.#inPage + at * bytes,
          count * bytes,
        );
      this.#inPage = 0;
    }
  }
}
