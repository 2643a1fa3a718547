import { RandomStream } from "./random-stream.ts";
import type { TextWriter } from "./text-writer.ts";

export const PHONE_LENGTH = 15;
const DASH = 45;

/** Phone numbers, `CC-LLL-LLL-LLLL`, whose country code is the nation key + 10 (specification clause 4.2.2.9). */
export class PhoneStream {
  readonly #stream: RandomStream;

  constructor(seed: number, row: number) {
    this.#stream = new RandomStream(seed, 3, row);
  }

  append(writer: TextWriter, nationKey: number): void {
    writer.appendNumber(10 + nationKey, 2);
    writer.appendByte(DASH);
    writer.appendNumber(this.#stream.between(100, 999), 3);
    writer.appendByte(DASH);
    writer.appendNumber(this.#stream.between(100, 999), 3);
    writer.appendByte(DASH);
    writer.appendNumber(this.#stream.between(1000, 9999), 4);
  }
}
