import { RandomStream } from "./random-stream.ts";
import { TEXT_POOL_SIZE } from "./text-pool.ts";
import type { TextWriter } from "./text-writer.ts";

/**
 * The comments of one column: pieces of the text pool, 0.4 to 1.6 times `averageLength` long
 * (specification clause 4.2.2.10). Two draws a value: where the piece begins, and its length.
 */
export class CommentStream {
  readonly maxLength: number;
  readonly #minLength: number;
  readonly #stream: RandomStream;
  readonly #pool: Uint8Array;

  /** `valuesPerRow` is the number of values a row (an order, a part) sets aside in the stream. */
  constructor(pool: Uint8Array, averageLength: number, seed: number, row: number, valuesPerRow = 1) {
    this.#pool = pool;
    this.#minLength = Math.trunc(averageLength * 0.4);
    this.maxLength = Math.trunc(averageLength * 1.6);
    this.#stream = new RandomStream(seed, 2 * valuesPerRow, row);
  }

  /** Appends one comment, without ending the value, and returns its length. */
  append(writer: TextWriter): number {
    const start = this.#stream.between(0, TEXT_POOL_SIZE - this.maxLength);
    const length = this.#stream.between(this.#minLength, this.maxLength);
    writer.append(this.#pool, start, start + length);
    return length;
  }

  /** Passes over `count` values that the row does not have. */
  discard(count: number): void {
    this.#stream.discard(2 * count);
  }
}
