import type { EncodedColumn } from "@headcut/executor";
import type { DataType } from "@headcut/plan";
import { gather1, gather2, gather4, gather8, gather16, gatherBits, gatherStrings } from "./gather.ts";
import { workingBuffers } from "./working-buffers.ts";

/** Collects rows of encoded columns of one type. */
export interface ColumnBuilder {
  /** Adds rows `rows[from] … rows[to - 1]` of the column. */
  append(column: EncodedColumn, rows: Int32Array, from: number, to: number): void;
  /** Bytes of the values so far. */
  bytes(): number;
  /** The rows as a column, whose buffers are the caller's; the builder is empty again. */
  finish(): EncodedColumn;
}

type Gather = (from: Uint8Array, rows: Int32Array, first: number, end: number, to: Uint8Array, at: number) => void;

/** Bytes of a value in Arrow's layout, as results/encode-column.ts of the executor writes it; 0: no values, or not of one width. */
const gathers: Readonly<Record<number, Gather>> = { 1: gather1, 2: gather2, 4: gather4, 8: gather8, 16: gather16 };

const widthOf = (type: DataType): number => {
  switch (type.kind) {
    case "null":
    case "boolean":
    case "varchar":
    case "blob":
      return 0;
    case "int8":
    case "uint8":
      return 1;
    case "int16":
    case "uint16":
      return 2;
    case "int32":
    case "uint32":
    case "date":
    case "float":
      return 4;
    case "int64":
    case "uint64":
    case "double":
    case "time":
    case "timestamp":
      return 8;
    case "decimal":
    case "interval":
    case "uuid":
      return 16;
  }
};

export const columnBuilder = (type: DataType): ColumnBuilder => {
  switch (type.kind) {
    case "null":
      return nullBuilder();
    case "boolean":
      return withValidity(bitBuilder());
    case "varchar":
    case "blob":
      return withValidity(stringBuilder());
    default:
      return withValidity(fixedBuilder(widthOf(type)));
  }
};

/** Builders of values alone. */
interface ValueBuilder extends Pick<ColumnBuilder, "append" | "bytes"> {
  finish(): Pick<EncodedColumn, "values" | "offsets">;
}

const EMPTY = new Uint8Array(0);

/** Of this thread: builders keep none between `finish` and the next row. */
const { take, give } = workingBuffers();

/** Room for `bytes`, what is there kept. */
const grown = (buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> => {
  if (bytes <= buffer.length) return buffer;
  const larger = take(Math.max(bytes, 2 * buffer.length));
  larger.set(buffer);
  give(buffer);
  return larger;
};

/** The first `bytes` for good; the buffer is free for others. */
const given = (buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> => {
  const kept = buffer.slice(0, bytes);
  give(buffer);
  return kept;
};

const nullBuilder = (): ColumnBuilder => {
  let count = 0;
  return {
    append: (_column, _rows, from, to) => {
      count += to - from;
    },
    bytes: () => 0,
    finish: () => {
      const nullCount = count;
      count = 0;
      return { nullCount, validity: undefined, offsets: undefined, values: EMPTY };
    },
  };
};

const fixedBuilder = (width: number): ValueBuilder => {
  const gather = gathers[width]!;
  let buffer = EMPTY;
  let count = 0;
  return {
    append: ({ values }, rows, from, to) => {
      buffer = grown(buffer, (count + to - from) * width);
      // Wider elements than bytes need aligned ones.
      const aligned = values.byteOffset % Math.min(width, 4) === 0 ? values : values.slice();
      gather(aligned, rows, from, to, buffer, count);
      count += to - from;
    },
    bytes: () => count * width,
    finish: () => {
      const values = given(buffer, count * width);
      buffer = EMPTY;
      count = 0;
      return { offsets: undefined, values };
    },
  };
};

/** Bits, one byte each until the end. */
const bitBuilder = (): ValueBuilder => {
  let bytes = EMPTY;
  let count = 0;
  return {
    append: ({ values }, rows, from, to) => {
      bytes = grown(bytes, count + to - from);
      gatherBits(values, rows, from, to, bytes, count);
      count += to - from;
    },
    bytes: () => count >> 3,
    finish: () => {
      const values = packed(bytes, count);
      give(bytes);
      bytes = EMPTY;
      count = 0;
      return { offsets: undefined, values };
    },
  };
};

/** Bytes of 0 and 1 to bits, least significant first. */
const packed = (bytes: Uint8Array, count: number): Uint8Array => {
  const bits = new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) bits[i >> 3]! |= bytes[i]! << (i & 7);
  return bits;
};

const stringBuilder = (): ValueBuilder => {
  let bytes = EMPTY;
  let offsets = EMPTY;
  let [count, end] = [0, 0];
  return {
    append: ({ values, offsets: starts }, rows, from, to) => {
      const all = starts!;
      offsets = grown(offsets, 4 * (count + to - from + 1));
      if (count === 0) offsets.fill(0, 0, 4);
      let total = end;
      for (let i = from; i < to; i++) total += all[rows[i]! + 1]! - all[rows[i]!]!;
      bytes = grown(bytes, total);
      const ends = new Int32Array(offsets.buffer, 0, offsets.length >> 2);
      end = gatherStrings(values, all, rows, from, to, bytes, ends, count, end);
      count += to - from;
    },
    bytes: () => end + 4 * count,
    finish: () => {
      const starts = count === 0 ? new Uint8Array(4) : given(offsets, 4 * (count + 1));
      const column = { offsets: new Int32Array(starts.buffer), values: given(bytes, end) };
      [offsets, bytes] = [EMPTY, EMPTY];
      [count, end] = [0, 0];
      return column;
    },
  };
};

const withValidity = (builder: ValueBuilder): ColumnBuilder => {
  let valid = EMPTY;
  let [count, nullCount] = [0, 0];
  return {
    append: (column, rows, from, to) => {
      builder.append(column, rows, from, to);
      const added = to - from;
      if (column.validity !== undefined && column.nullCount > 0) {
        if (nullCount === 0) valid = grown(valid, count).fill(1, 0, count);
        valid = grown(valid, count + added);
        const ones = gatherBits(column.validity, rows, from, to, valid, count);
        // Without any NULL so far, bytes are written when there is one.
        nullCount += added - ones;
      } else if (nullCount > 0) {
        valid = grown(valid, count + added).fill(1, count, count + added);
      }
      count += added;
    },
    bytes: builder.bytes,
    finish: () => {
      const validity = nullCount === 0 ? undefined : packed(valid, count);
      const column = { nullCount, validity, ...builder.finish() };
      give(valid);
      valid = EMPTY;
      [count, nullCount] = [0, 0];
      return column;
    },
  };
};
