import { threadId } from "node:worker_threads";
import type { StorageLayout } from "../layout/storage.ts";
import { type Conversion, physicalBytes } from "./conversion.ts";
import { describeFailure } from "./decode-failure.ts";
import type { FlatColumn } from "./schema.ts";
import { type DecoderContext, openValueDecoder, type ValueBytes } from "./value-decoder.ts";

/** The decoded dictionary of a column chunk. */
export interface Dictionary {
  /** Values in the storage of the column's type; one zeroed value if there are none, since NULL rows have code 0. */
  readonly address: number;
  readonly count: number;
  /** Unique in the process (until a thread has decoded millions more), never 0. */
  readonly id: number;
}

/**
 * Ids of one thread: its number in the high bits, then a counter; a query may go on on another thread. The highest bit is 0: ids
 * with 1 are those of cached dictionaries.
 */
const THREAD_MASK = 2 ** 9 - 1;
const COUNTER_BITS = 22;
let lastCounter = 0;

/** Of a dictionary that is new. */
export const nextDictionaryId = (): number => {
  lastCounter = (lastCounter % (2 ** COUNTER_BITS - 1)) + 1;
  return (((threadId & THREAD_MASK) << COUNTER_BITS) | lastCounter) >>> 0;
};

/** Decodes a dictionary page's values. What `context.allocate` gives must live as long as the chunk. */
export const decodeDictionary = (
  column: FlatColumn,
  layout: StorageLayout,
  conversion: Conversion | undefined,
  bytes: ValueBytes,
  context: DecoderContext,
): Dictionary => {
  const count = bytes.maxValues;
  if (column.physical === "BOOLEAN") context.fail("a dictionary of booleans");
  // Every value takes bytes, so the page's length bounds the count before memory is taken for it.
  const least = column.physical === "BYTE_ARRAY" ? 4 : physicalBytes(column);
  if (count * least > bytes.length) context.fail(`a dictionary of ${count} values in ${bytes.length} bytes`);
  const id = nextDictionaryId();
  const decoder = openValueDecoder("PLAIN", column, bytes, context);
  if (count > 0 && conversion === undefined && column.physical !== "BYTE_ARRAY")
    return { address: decoder.next(count, 0), count, id };

  const target = context.allocate(Math.max(1, count) * layout.bytes).address;
  context.memory.bytes.fill(0, target, target + layout.bytes);
  if (count === 0) return { address: target, count, id };
  if (conversion === undefined) return { address: decoder.next(count, target), count, id };
  const source = decoder.next(count, column.physical === "BYTE_ARRAY" ? context.allocate(count * 8).address : 0);
  const status = conversion(source, target, count);
  if (status < 0) context.fail(describeFailure(status));
  return { address: target, count, id };
};
