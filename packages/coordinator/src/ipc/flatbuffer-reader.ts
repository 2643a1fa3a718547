import { QueryError } from "@headcut/plan";

/** A table of a FlatBuffer that may hold anything: whatever points outside of it is a QueryError "io". */
export interface FlatTable {
  /** Scalars by the index of their field; `fallback` when absent. */
  i8(field: number, fallback?: number): number;
  i16(field: number, fallback?: number): number;
  i32(field: number, fallback?: number): number;
  /** Throws for what is no safe integer. */
  i64(field: number, fallback?: number): number;
  table(field: number): FlatTable | undefined;
  text(field: number): string | undefined;
  tables(field: number): readonly FlatTable[];
  /** The 64-bit numbers of a vector of structs of `width` numbers each. */
  structs(field: number, width: number): Float64Array;
}

export const malformed = (what: string): QueryError => new QueryError("io", `malformed Arrow message: ${what}`);

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The root table. */
export const decodeFlatBuffer = (bytes: Uint8Array): FlatTable => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return tableAt(view, follow(view, 0));
};

const check = (view: DataView, at: number, size: number): void => {
  if (!(at >= 0 && size >= 0 && at + size <= view.byteLength)) throw malformed("it points outside of itself");
};

const uint32 = (view: DataView, at: number): number => {
  check(view, at, 4);
  return view.getUint32(at, true);
};

const follow = (view: DataView, at: number): number => at + uint32(view, at);

const int64 = (view: DataView, at: number): number => {
  check(view, at, 8);
  const value = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) throw malformed("a number is too large");
  return value;
};

const tableAt = (view: DataView, at: number): FlatTable => {
  check(view, at, 4);
  const vtable = at - view.getInt32(at, true);
  check(view, vtable, 4);
  const vtableBytes = view.getUint16(vtable, true);
  check(view, vtable, vtableBytes);

  /** Where the field's `size` bytes are, if it is there. */
  const find = (field: number, size: number): number | undefined => {
    const entry = 4 + 2 * field;
    const offset = entry + 2 > vtableBytes ? 0 : view.getUint16(vtable + entry, true);
    if (offset === 0) return undefined;
    check(view, at + offset, size);
    return at + offset;
  };
  /** Where the elements of a vector are, and how many. */
  const vector = (field: number, elementBytes: number): readonly [at: number, count: number] => {
    const place = find(field, 4);
    if (place === undefined) return [0, 0];
    const start = follow(view, place);
    const count = uint32(view, start);
    check(view, start + 4, count * elementBytes);
    return [start + 4, count];
  };

  return {
    i8: (field, fallback = 0) => {
      const place = find(field, 1);
      return place === undefined ? fallback : view.getInt8(place);
    },
    i16: (field, fallback = 0) => {
      const place = find(field, 2);
      return place === undefined ? fallback : view.getInt16(place, true);
    },
    i32: (field, fallback = 0) => {
      const place = find(field, 4);
      return place === undefined ? fallback : view.getInt32(place, true);
    },
    i64: (field, fallback = 0) => {
      const place = find(field, 8);
      return place === undefined ? fallback : int64(view, place);
    },
    table: (field) => {
      const place = find(field, 4);
      return place === undefined ? undefined : tableAt(view, follow(view, place));
    },
    text: (field) => {
      if (find(field, 4) === undefined) return undefined;
      const [start, count] = vector(field, 1);
      try {
        return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + start, count));
      } catch {
        throw malformed("text that is no UTF-8");
      }
    },
    tables: (field) => {
      const [start, count] = vector(field, 4);
      return Array.from({ length: count }, (_, i) => tableAt(view, follow(view, start + 4 * i)));
    },
    structs: (field, width) => {
      const [start, count] = vector(field, 8 * width);
      return Float64Array.from({ length: count * width }, (_, i) => int64(view, start + 8 * i));
    },
  };
};
