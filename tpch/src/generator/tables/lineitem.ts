import type { Scale } from "../../scale.ts";
import { type Batch, numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { CURRENT_DATE } from "../dates.ts";
import { pick } from "../distribution.ts";
import { retailPrice, supplierOfPart } from "../keys.ts";
import { RandomStream } from "../random-stream.ts";
import { TextWriter } from "../text-writer.ts";
import { returnFlags, shipInstructions, shipModes } from "../word-lists.ts";

/** Every order sets aside this many draws in each stream, though most have fewer lines. */
export const MAX_LINES_PER_ORDER = 7;

const encoder = new TextEncoder();
const flagWords = [...returnFlags.bytes, encoder.encode("N")];
const NOT_RECEIVED = returnFlags.words.length;
const statusWords = [encoder.encode("F"), encoder.encode("O")];
const FILLED = 0;
const OPEN = 1;

/** What an order takes from its lines. */
export interface OrderTotals {
  /** The sum over the lines of price × (1 - discount) × (1 + tax), each truncated to cents. */
  totalPrice: number;
  /** How many lines have been shipped. */
  shippedLines: number;
}

/** The lines of orders, order by order (specification clause 4.2.3, LINEITEM). */
export class LineItemStream {
  readonly #scale: Scale;
  readonly #quantities: RandomStream;
  readonly #discounts: RandomStream;
  readonly #taxes: RandomStream;
  readonly #instructions: RandomStream;
  readonly #modes: RandomStream;
  readonly #partKeys: RandomStream;
  readonly #supplierNumbers: RandomStream;
  readonly #shipDelays: RandomStream;
  readonly #commitDelays: RandomStream;
  readonly #receiptDelays: RandomStream;
  readonly #flags: RandomStream;
  readonly #comments: CommentStream;
  #batch: LineItemBuffers;

  /** The stream before the lines of the order in row `orderRow`. */
  constructor(scale: Scale, pool: Uint8Array, orderRow: number) {
    const stream = (seed: number) => new RandomStream(seed, MAX_LINES_PER_ORDER, orderRow);
    this.#scale = scale;
    this.#quantities = stream(209208115);
    this.#discounts = stream(554590007);
    this.#taxes = stream(721958466);
    this.#instructions = stream(1371272478);
    this.#modes = stream(675466456);
    this.#partKeys = stream(1808217256);
    this.#supplierNumbers = stream(2095021727);
    this.#shipDelays = stream(1769349045);
    this.#commitDelays = stream(904914315);
    this.#receiptDelays = stream(373135028);
    this.#flags = stream(717419739);
    this.#comments = new CommentStream(pool, 27, 1095462486, orderRow, MAX_LINES_PER_ORDER);
    this.#batch = new LineItemBuffers(0, 0);
  }

  /** Begins a batch for `rowCount` lines, which calls of `appendOrder` then fill. */
  begin(rowCount: number): void {
    this.#batch = new LineItemBuffers(rowCount, this.#comments.maxLength);
  }

  /** The batch begun last, which must be full. */
  finish(): Batch {
    return this.#batch.finish();
  }

  /** Appends the lines of the next order and returns its totals in `totals`. */
  appendOrder(orderKey: number, orderDate: number, lines: number, totals: OrderTotals): void {
    const to = this.#batch;
    const { parts, suppliers } = this.#scale;
    let totalPrice = 0;
    let shippedLines = 0;
    let receivedLines = 0;
    for (let line = 0; line < lines; line++) {
      const row = to.length++;
      const quantity = this.#quantities.between(1, 50);
      const discount = this.#discounts.between(0, 10);
      const tax = this.#taxes.between(0, 8);
      const partKey = this.#partKeys.betweenWide(1, parts);
      const price = retailPrice(partKey) * quantity;
      const shipDate = orderDate + this.#shipDelays.between(1, 121);
      const receiptDate = shipDate + this.#receiptDelays.between(1, 30);
      totalPrice += (((((price * (100 - discount)) / 100) | 0) * (100 + tax)) / 100) | 0;
      to.orderKey[row] = orderKey;
      to.partKey[row] = partKey;
      to.supplierKey[row] = supplierOfPart(partKey, this.#supplierNumbers.between(0, 3), suppliers);
      to.lineNumber[row] = line + 1;
      to.quantity[row] = quantity * 100;
      to.price[row] = price;
      to.discount[row] = discount;
      to.tax[row] = tax;
      to.shipDate[row] = shipDate;
      to.commitDate[row] = orderDate + this.#commitDelays.between(30, 90);
      to.receiptDate[row] = receiptDate;
      if (receiptDate <= CURRENT_DATE) {
        to.flag[row] = pick(returnFlags, this.#flags);
        receivedLines++;
      } else to.flag[row] = NOT_RECEIVED;
      to.status[row] = shipDate <= CURRENT_DATE ? FILLED : OPEN;
      if (shipDate <= CURRENT_DATE) shippedLines++;
      to.instruction[row] = pick(shipInstructions, this.#instructions);
      to.mode[row] = pick(shipModes, this.#modes);
      this.#comments.append(to.comment);
      to.comment.endValue();
    }
    this.#discard(MAX_LINES_PER_ORDER - lines);
    this.#flags.discard(MAX_LINES_PER_ORDER - receivedLines); // only received lines draw a flag
    totals.totalPrice = totalPrice;
    totals.shippedLines = shippedLines;
  }

  #discard(lines: number): void {
    this.#quantities.discard(lines);
    this.#discounts.discard(lines);
    this.#taxes.discard(lines);
    this.#instructions.discard(lines);
    this.#modes.discard(lines);
    this.#partKeys.discard(lines);
    this.#supplierNumbers.discard(lines);
    this.#shipDelays.discard(lines);
    this.#commitDelays.discard(lines);
    this.#receiptDelays.discard(lines);
    this.#comments.discard(lines);
  }
}

/** The columns of a batch while it is being filled. */
class LineItemBuffers {
  length = 0;
  readonly orderKey: Float64Array;
  readonly partKey: Float64Array;
  readonly supplierKey: Float64Array;
  readonly lineNumber: Int32Array;
  readonly quantity: Int32Array;
  readonly price: Int32Array;
  readonly discount: Int32Array;
  readonly tax: Int32Array;
  readonly flag: Uint8Array;
  readonly status: Uint8Array;
  readonly shipDate: Int32Array;
  readonly commitDate: Int32Array;
  readonly receiptDate: Int32Array;
  readonly instruction: Uint8Array;
  readonly mode: Uint8Array;
  readonly comment: TextWriter;

  constructor(rowCount: number, commentMaxLength: number) {
    this.orderKey = new Float64Array(rowCount);
    this.partKey = new Float64Array(rowCount);
    this.supplierKey = new Float64Array(rowCount);
    this.lineNumber = new Int32Array(rowCount);
    this.quantity = new Int32Array(rowCount);
    this.price = new Int32Array(rowCount);
    this.discount = new Int32Array(rowCount);
    this.tax = new Int32Array(rowCount);
    this.flag = new Uint8Array(rowCount);
    this.status = new Uint8Array(rowCount);
    this.shipDate = new Int32Array(rowCount);
    this.commitDate = new Int32Array(rowCount);
    this.receiptDate = new Int32Array(rowCount);
    this.instruction = new Uint8Array(rowCount);
    this.mode = new Uint8Array(rowCount);
    this.comment = new TextWriter(rowCount, commentMaxLength);
  }

  finish(): Batch {
    const columns = [
      numberColumn(this.orderKey),
      numberColumn(this.partKey),
      numberColumn(this.supplierKey),
      numberColumn(this.lineNumber),
      numberColumn(this.quantity),
      numberColumn(this.price),
      numberColumn(this.discount),
      numberColumn(this.tax),
      wordColumn(this.flag, flagWords),
      wordColumn(this.status, statusWords),
      numberColumn(this.shipDate),
      numberColumn(this.commitDate),
      numberColumn(this.receiptDate),
      wordColumn(this.instruction, shipInstructions.bytes),
      wordColumn(this.mode, shipModes.bytes),
      this.comment.finish(),
    ];
    return { rowCount: this.length, columns };
  }
}
