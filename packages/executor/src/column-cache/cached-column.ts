import { type StorageLayout, storageLayout, storageOf } from "../layout/storage.ts";
import type { ColumnSource } from "../parquet/column-source.ts";
import type { Dictionary } from "../parquet/dictionary.ts";
import type { ParquetKernels } from "../parquet/kernels.ts";
import type { FlatColumn } from "../parquet/schema.ts";
import type { ColumnEntry } from "./column-entry.ts";

/** Selections smaller than this part of the batch are unpacked row by row. */
const SPARSE = 8;

/** Batches that point into a cached chunk; only what is kept in fewer bytes than a batch has is unpacked to the scan's buffers. */
export class CachedColumn implements ColumnSource {
  readonly column: FlatColumn;
  readonly isAllCodes: boolean;
  readonly #entry: ColumnEntry;
  readonly #layout: StorageLayout;
  readonly #kernels: ParquetKernels;
  readonly #buffers: { readonly values: number; readonly codes: number };
  readonly #unpin: () => void;
  /** The chunk's next row, and the first one of the batch. */
  #row: number;
  #first: number;

  constructor(
    column: FlatColumn,
    entry: ColumnEntry,
    row: number,
    buffers: { readonly values: number; readonly codes: number },
    kernels: ParquetKernels,
    unpin: () => void,
  ) {
    this.column = column;
    this.isAllCodes = entry.dictionary !== undefined;
    this.#entry = entry;
    this.#layout = storageLayout[storageOf(column.type)];
    this.#kernels = kernels;
    this.#buffers = buffers;
    this.#unpin = unpin;
    this.#row = row;
    this.#first = row;
  }

  beginBatch(): void {
    this.#first = this.#row;
  }

  skip(count: number): void {
    this.#row += count;
  }

  read(_at: number, count: number): void {
    this.#row += count;
  }

  peekDictionary(): Dictionary | undefined {
    return this.#entry.dictionary;
  }

  get codes(): Dictionary | undefined {
    return this.#entry.dictionary;
  }

  get packedCodes(): number {
    return this.#entry.codes + this.#first * this.#entry.codesWidth;
  }

  get packedCodesWidth(): number {
    return this.#entry.codesWidth;
  }

  get validAddress(): number {
    return this.#entry.valid === 0 ? 0 : this.#entry.valid + this.#first;
  }

  fill(selection: number, count: number, rows: number): void {
    const { codesWidth, values, valuesWidth, dictionary } = this.#entry;
    const isSparse = selection !== 0 && count * SPARSE < rows;
    const [chosen, length] = isSparse ? [selection, count] : [0, rows];
    if (dictionary === undefined) {
      if (valuesWidth !== this.#layout.bytes)
        this.#kernels.unpackInt64(values + this.#first * valuesWidth, this.#buffers.values, chosen, length);
    } else if (codesWidth === 1) this.#kernels.unpackCodes1(this.packedCodes, this.#buffers.codes, chosen, length);
    else if (codesWidth === 2) this.#kernels.unpackCodes2(this.packedCodes, this.#buffers.codes, chosen, length);
  }

  get codesAddress(): number {
    if (this.#entry.dictionary === undefined) return 0;
    return this.#entry.codesWidth === 4 ? this.packedCodes : this.#buffers.codes;
  }

  get valuesAddress(): number {
    const { values, valuesWidth } = this.#entry;
    return valuesWidth === this.#layout.bytes ? values + this.#first * valuesWidth : this.#buffers.values;
  }

  endChunk(): void {
    this.#unpin();
  }
}
