import type { RowRange } from "../../scale.ts";
import { numberColumn, wordColumn } from "../column.ts";
import { CommentStream } from "../comment.ts";
import { FIRST_DATE, ORDER_DATE_SPAN } from "../dates.ts";
import { pick } from "../distribution.ts";
import { orderKey } from "../keys.ts";
import { RandomStream } from "../random-stream.ts";
import { pieces, type Source, type TableBatch } from "../source.ts";
import { TextWriter } from "../text-writer.ts";
import { orderPriorities } from "../word-lists.ts";
import { LineItemStream, MAX_LINES_PER_ORDER, type OrderTotals } from "./lineitem.ts";

const encoder = new TextEncoder();
const CLERK = encoder.encode("Clerk#");
const CLERK_MAX_LENGTH = 16;
const statusWords = ["F", "O", "P"].map((word) => encoder.encode(word));
const FILLED = 0;
const OPEN = 1;
const PARTLY_FILLED = 2;

const LINE_COUNT_SEED = 1434868289;

/** One customer in three, those whose key is a multiple of 3, never orders. */
const SPARED_CUSTOMERS = 3;

/** About one row group of lineitem. */
const BATCH_ORDERS = 30_720;

/** Draws the number of lines of each order. */
function drawLineCounts(stream: RandomStream, orderCount: number): { lineCounts: Uint8Array; total: number } {
  const lineCounts = new Uint8Array(orderCount);
  let total = 0;
  for (let i = 0; i < orderCount; i++) {
    const lines = stream.between(1, MAX_LINES_PER_ORDER);
    lineCounts[i] = lines;
    total += lines;
  }
  return { lineCounts, total };
}

/** The number of lines of the orders in `range`. */
export function countLines(range: RowRange): number {
  return drawLineCounts(new RandomStream(LINE_COUNT_SEED, 1, range.first), range.end - range.first).total;
}

/** Moves a customer key that must not order to a neighbour: up and down in turn, but never past the last one. */
function orderingCustomer(drawn: number, customers: number): number {
  let key = drawn;
  for (let step = 1; key % SPARED_CUSTOMERS === 0; step = -step) key = Math.min(key + step, customers);
  return key;
}

/** Orders, and with them lineitem, from which an order's total and status follow (clause 4.2.3, ORDERS). */
export function* generateOrders({ scale, range, pool }: Source): Generator<TableBatch> {
  const row = range.first;
  const customerKeys = new RandomStream(851767375, 1, row);
  const dates = new RandomStream(1066728069, 1, row);
  const priorities = new RandomStream(591449447, 1, row);
  const clerkNumbers = new RandomStream(1171034773, 1, row);
  const comments = new CommentStream(pool, 49, 276090261, row);
  const lineCountStream = new RandomStream(LINE_COUNT_SEED, 1, row);
  const lineItems = new LineItemStream(scale, pool, row);
  const totals: OrderTotals = { totalPrice: 0, shippedLines: 0 };

  for (const { first, end } of pieces(range, BATCH_ORDERS)) {
    const rowCount = end - first;
    const { lineCounts, total } = drawLineCounts(lineCountStream, rowCount);
    lineItems.begin(total);
    const key = new Float64Array(rowCount);
    const customerKey = new Float64Array(rowCount);
    const status = new Uint8Array(rowCount);
    const totalPrice = new Int32Array(rowCount);
    const date = new Int32Array(rowCount);
    const priority = new Uint8Array(rowCount);
    const clerk = new TextWriter(rowCount, CLERK_MAX_LENGTH);
    const shipPriority = new Int32Array(rowCount);
    const comment = new TextWriter(rowCount, comments.maxLength);
    for (let i = 0; i < rowCount; i++) {
      const lines = lineCounts[i]!;
      key[i] = orderKey(first + i + 1);
      customerKey[i] = orderingCustomer(customerKeys.betweenWide(1, scale.customers), scale.customers);
      date[i] = FIRST_DATE + dates.between(0, ORDER_DATE_SPAN);
      priority[i] = pick(orderPriorities, priorities);
      clerk.append(CLERK);
      clerk.appendNumber(clerkNumbers.between(1, scale.clerks), 9);
      clerk.endValue();
      comments.append(comment);
      comment.endValue();
      lineItems.appendOrder(key[i]!, date[i]!, lines, totals);
      totalPrice[i] = totals.totalPrice;
      const { shippedLines } = totals;
      status[i] = shippedLines === lines ? FILLED : shippedLines === 0 ? OPEN : PARTLY_FILLED;
    }
    const columns = [
      numberColumn(key),
      numberColumn(customerKey),
      wordColumn(status, statusWords),
      numberColumn(totalPrice),
      numberColumn(date),
      wordColumn(priority, orderPriorities.bytes),
      clerk.finish(),
      numberColumn(shipPriority),
      comment.finish(),
    ];
    yield { table: "orders", batch: { rowCount, columns } };
    yield { table: "lineitem", batch: lineItems.finish() };
  }
}
