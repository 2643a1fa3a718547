import { type DataType, MAX_DECIMAL64_PRECISION, QueryError, unreachable } from "@headcut/plan";
import type { Heap } from "../memory/heap.ts";
import type { EncodedColumn } from "./encoded-batch.ts";

/** A column of the result buffer: `count` values and, if nullable, their validity bytes. */
interface Vector {
  readonly type: DataType;
  readonly values: number;
  readonly valid: number;
  readonly count: number;
}

/**
 * The column as Arrow's buffers, in memory of the host. Kernels that convert write to a slab charged to `query` first.
 * Throws QueryError "out-of-memory", or "overflow" where Arrow has no room for a value.
 */
export const encodeColumn = (heap: Heap, query: number, vector: Vector): EncodedColumn => {
  const { nullCount, validity } = encodeValidity(heap, query, vector);
  if (vector.type.kind === "varchar" || vector.type.kind === "blob") {
    return { nullCount, validity, ...encodeStrings(heap, query, vector) };
  }
  return { nullCount, validity, offsets: undefined, values: encodeValues(heap, query, vector) };
};

const encodeValidity = (
  heap: Heap,
  query: number,
  { type, valid, count }: Vector,
): { readonly nullCount: number; readonly validity: Uint8Array | undefined } => {
  if (type.kind === "null") return { nullCount: count, validity: undefined };
  if (valid === 0) return { nullCount: 0, validity: undefined };
  let ones = 0;
  const validity = converted(heap, query, (count + 7) >> 3, (out) => {
    ones = heap.kernels.packBits(valid, count, out);
  });
  return ones === count ? { nullCount: 0, validity: undefined } : { nullCount: count - ones, validity };
};

const encodeValues = (heap: Heap, query: number, { type, values, valid, count }: Vector): Uint8Array => {
  const { memory, kernels } = heap;
  const copied = (width: number): Uint8Array => memory.bytes.slice(values, values + count * width);
  const narrowed = (to: Int8Array | Int16Array): Uint8Array => {
    to.set(memory.i32.subarray(values >>> 2, (values >>> 2) + count));
    return new Uint8Array(to.buffer);
  };
  switch (type.kind) {
    case "null":
      return new Uint8Array(0);
    case "boolean":
      return converted(heap, query, (count + 7) >> 3, (out) => kernels.packBits(values, count, out));
    case "int8":
    case "uint8":
      return narrowed(new Int8Array(count));
    case "int16":
    case "uint16":
      return narrowed(new Int16Array(count));
    case "int32":
    case "date":
    case "float":
      return copied(4);
    case "uint32":
      return converted(heap, query, count * 4, (out) => kernels.narrowInt64(values, count, out));
    case "int64":
    case "uint64":
    case "double":
    case "time":
    case "timestamp":
      return copied(8);
    case "decimal":
      if (type.precision > MAX_DECIMAL64_PRECISION) return copied(16);
      return converted(heap, query, count * 16, (out) => kernels.widenInt64(values, count, out));
    case "uuid":
      return converted(heap, query, count * 16, (out) => kernels.uuidsToArrow(values, count, out));
    case "interval":
      return converted(heap, query, count * 16, (out) => {
        if (kernels.intervalsToArrow(values, valid, count, out) === 0) {
          throw new QueryError("overflow", "an interval of the result is too long for Arrow, which counts nanoseconds");
        }
      });
    case "varchar":
    case "blob":
      throw new Error("internal error: strings have no fixed width");
    default:
      return unreachable(type);
  }
};

const encodeStrings = (
  heap: Heap,
  query: number,
  { values, valid, count }: Vector,
): { readonly offsets: Int32Array; readonly values: Uint8Array } => {
  const { kernels } = heap;
  const total = kernels.stringBytes(values, valid, count);
  const offsetBytes = 4 * (count + 1);
  if (total > 0x7fffffff - offsetBytes) {
    throw new QueryError("out-of-memory", `strings of ${total} bytes are too long for one batch of the result`);
  }
  const both = converted(heap, query, offsetBytes + total, (out) =>
    kernels.stringsToArrow(values, valid, count, out, out + offsetBytes),
  );
  return { offsets: new Int32Array(both.buffer, 0, count + 1), values: both.subarray(offsetBytes) };
};

/** Rows leave a query that has used up its memory: for a moment they take a little more. */
const FREE_OF_CHARGE_BYTES = 1 << 20;

/** What a kernel writes to `bytes` of temporary memory, copied out of it. */
const converted = (heap: Heap, query: number, bytes: number, write: (out: number) => void): Uint8Array => {
  const { memory, kernels } = heap;
  let charged = query;
  let out = kernels.slabAllocate(query, bytes) >>> 0;
  if (out === 0 && bytes <= FREE_OF_CHARGE_BYTES) {
    charged = 0;
    out = kernels.slabAllocate(charged, bytes) >>> 0;
  }
  if (out === 0)
    throw new QueryError("out-of-memory", "a batch of the result needs more memory than the query may use");
  try {
    write(out);
    return memory.bytes.slice(out, out + bytes);
  } finally {
    kernels.slabFree(charged, out);
  }
};
