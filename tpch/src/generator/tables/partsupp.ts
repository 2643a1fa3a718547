import type { RowRange, Scale } from "../../scale.ts";
import { type Batch, numberColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { SUPPLIERS_PER_PART, supplierOfPart } from "../keys.ts";
import { RandomStream } from "../random-stream.ts";
import { TextWriter } from "../text-writer.ts";

/** The rows of partsupp, part by part (specification clause 4.2.3, PARTSUPP). */
export class PartSuppStream {
  readonly #suppliers: number;
  readonly #quantities: RandomStream;
  readonly #costs: RandomStream;
  readonly #comments: CommentStream;

  /** The stream before the suppliers of the part in row `partRow`. */
  constructor(scale: Scale, pool: Uint8Array, partRow: number) {
    this.#suppliers = scale.suppliers;
    this.#quantities = new RandomStream(1671059989, SUPPLIERS_PER_PART, partRow);
    this.#costs = new RandomStream(1051288424, SUPPLIERS_PER_PART, partRow);
    this.#comments = new CommentStream(pool, 124, 1961692154, partRow, SUPPLIERS_PER_PART);
  }

  /** The suppliers of the next parts, whose rows are `parts`. */
  next(parts: RowRange): Batch {
    const rowCount = (parts.end - parts.first) * SUPPLIERS_PER_PART;
    const partKey = new Float64Array(rowCount);
    const supplierKey = new Float64Array(rowCount);
    const quantity = new Int32Array(rowCount);
    const cost = new Int32Array(rowCount);
    const comment = new TextWriter(rowCount, this.#comments.maxLength);
    for (let i = 0; i < rowCount; i++) {
      const key = parts.first + Math.floor(i / SUPPLIERS_PER_PART) + 1;
      partKey[i] = key;
      supplierKey[i] = supplierOfPart(key, i % SUPPLIERS_PER_PART, this.#suppliers);
      quantity[i] = this.#quantities.between(1, 9999);
      cost[i] = this.#costs.between(100, 100_000);
      this.#comments.append(comment);
      comment.endValue();
    }
    const columns = [
      numberColumn(partKey),
      numberColumn(supplierKey),
      numberColumn(quantity),
      numberColumn(cost),
      comment.finish(),
    ];
    return { rowCount, columns };
  }
}
