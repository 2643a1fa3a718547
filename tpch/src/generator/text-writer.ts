import type { TextColumn } from "./column.ts";

/** Fills a text column value by value: append bytes, then `endValue`. */
export class TextWriter {
  readonly #offsets: Int32Array;
  readonly #bytes: Uint8Array;
  #position = 0;
  #row = 0;

  /** Room for `rowCount` values of at most `maxBytes` bytes each. */
  constructor(rowCount: number, maxBytes: number) {
    this.#offsets = new Int32Array(rowCount + 1);
    this.#bytes = new Uint8Array(rowCount * maxBytes);
  }

  /** Where the next byte goes, for callers that write into `bytes` themselves and then call `advance`. */
  get position(): number {
    return this.#position;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  advance(count: number): void {
    this.#position += count;
  }

  /** Appends bytes `start` … `end` of `source`; for values this short a loop beats `set` with `subarray`. */
  append(source: Uint8Array, start = 0, end = source.length): void {
    const bytes = this.#bytes;
    let position = this.#position;
    for (let i = start; i < end; i++) bytes[position++] = source[i]!;
    this.#position = position;
  }

  appendByte(byte: number): void {
    this.#bytes[this.#position++] = byte;
  }

  /** Appends a whole number ≥ 0 in decimal, with leading zeros up to `width` digits. */
  appendNumber(value: number, width: number): void {
    let digits = width;
    while (value >= 10 ** digits) digits++;
    let rest = value;
    for (let i = this.#position + digits - 1; i >= this.#position; i--) {
      const quotient = Math.floor(rest / 10);
      this.#bytes[i] = 48 + rest - quotient * 10;
      rest = quotient;
    }
    this.#position += digits;
  }

  endValue(): void {
    this.#offsets[++this.#row] = this.#position;
  }

  finish(): TextColumn {
    return { kind: "text", offsets: this.#offsets, bytes: this.#bytes.subarray(0, this.#position) };
  }
}
