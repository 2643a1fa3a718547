import { numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { pick } from "../distribution.ts";
import { retailPrice } from "../keys.ts";
import { RandomStream, skipMultiplier } from "../random-stream.ts";
import { pieces, type Source, type TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { colors, containers, partTypes } from "../word-lists.ts";
import { PartSuppStream } from "./partsupp.ts";

const encoder = new TextEncoder();
const manufacturers = [1, 2, 3, 4, 5].map((n) => encoder.encode(`Manufacturer#${n}`));
const brands = [1, 2, 3, 4, 5].flatMap((m) => [1, 2, 3, 4, 5].map((n) => encoder.encode(`Brand#${m}${n}`)));

const WORDS_PER_NAME = 5;
const NAME_MAX_LENGTH = 64;
const SPACE = 32;
const BATCH_ROWS = 30_720;

/**
 * Part names: the first five words of a shuffled list of the 92 colors. The reference draws the whole shuffle;
 * the words after the fifth do not matter, so their draws are skipped.
 */
class NameStream {
  readonly #stream: RandomStream;
  readonly #order = new Uint8Array(colors.words.length);
  readonly #skipRest = skipMultiplier(colors.words.length - WORDS_PER_NAME);

  constructor(row: number) {
    this.#stream = new RandomStream(709314158, colors.words.length, row);
  }

  append(writer: TextWriter): void {
    const order = this.#order;
    for (let i = 0; i < order.length; i++) order[i] = i;
    for (let i = 0; i < WORDS_PER_NAME; i++) {
      const chosen = this.#stream.between(i, order.length - 1);
      const word = order[chosen]!;
      order[chosen] = order[i]!;
      order[i] = word;
      if (i > 0) writer.appendByte(SPACE);
      writer.append(colors.bytes[word]!);
    }
    this.#stream.skipBy(this.#skipRest);
  }
}

/** Parts, and with them partsupp, which holds four suppliers of every part (specification clause 4.2.3, PART). */
export function* generatePart({ scale, range, pool }: Source): Generator<TableBatch> {
  const row = range.first;
  const names = new NameStream(row);
  const manufacturerNumbers = new RandomStream(1, 1, row);
  const brandNumbers = new RandomStream(46831694, 1, row);
  const types = new RandomStream(1841581359, 1, row);
  const sizes = new RandomStream(1193163244, 1, row);
  const containerNumbers = new RandomStream(727633698, 1, row);
  const comments = new CommentStream(pool, 14, 804159733, row);
  const partSupp = new PartSuppStream(scale, pool, row);

  for (const piece of pieces(range, BATCH_ROWS)) {
    const { first, end } = piece;
    const rowCount = end - first;
    const key = new Float64Array(rowCount);
    const name = new TextWriter(rowCount, NAME_MAX_LENGTH);
    const manufacturer = new Uint8Array(rowCount);
    const brand = new Uint8Array(rowCount);
    const type = new Uint8Array(rowCount);
    const size = new Int32Array(rowCount);
    const container = new Uint8Array(rowCount);
    const price = new Int32Array(rowCount);
    const comment = new TextWriter(rowCount, comments.maxLength);
    for (let i = 0; i < rowCount; i++) {
      key[i] = first + i + 1;
      names.append(name);
      name.endValue();
      manufacturer[i] = manufacturerNumbers.between(0, 4);
      brand[i] = manufacturer[i]! * 5 + brandNumbers.between(0, 4);
      type[i] = pick(partTypes, types);
      size[i] = sizes.between(1, 50);
      container[i] = pick(containers, containerNumbers);
      price[i] = retailPrice(first + i + 1);
      comments.append(comment);
      comment.endValue();
    }
    const columns = [
      numberColumn(key),
      name.finish(),
      wordColumn(manufacturer, manufacturers),
      wordColumn(brand, brands),
      wordColumn(type, partTypes.bytes),
      numberColumn(size),
      wordColumn(container, containers.bytes),
      numberColumn(price),
      comment.finish(),
    ];
    yield { table: "part", batch: { rowCount, columns } };
    yield { table: "partsupp", batch: partSupp.next(piece) };
  }
}
