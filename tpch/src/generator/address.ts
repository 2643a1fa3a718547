import { RandomStream } from "./random-stream.ts";
import type { TextWriter } from "./text-writer.ts";

const ALPHABET = new TextEncoder().encode("0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,");
const MIN_LENGTH = 10;
export const ADDRESS_MAX_LENGTH = 40;

/** One draw for the length and one for every five characters. */
const DRAWS_PER_ROW = 1 + ADDRESS_MAX_LENGTH / 5;

/** Random addresses of 10 to 40 characters (v-string of specification clause 4.2.2.7). */
export class AddressStream {
  readonly #stream: RandomStream;

  constructor(seed: number, row: number) {
    this.#stream = new RandomStream(seed, DRAWS_PER_ROW, row);
  }

  append(writer: TextWriter): void {
    const length = this.#stream.between(MIN_LENGTH, ADDRESS_MAX_LENGTH);
    let bits = 0;
    for (let i = 0; i < length; i++) {
      if (i % 5 === 0) bits = this.#stream.bits();
      writer.appendByte(ALPHABET[bits & 63]!);
      bits >>= 6;
    }
    this.#stream.discard(DRAWS_PER_ROW - 1 - Math.ceil(length / 5));
  }
}
