/**
 * FlatBuffers (https://flatbuffers.dev/internals/), as much as Arrow's messages need, from a tree of values. Parents come before
 * children, each table after its vtable; everything is little-endian and aligned to its size.
 */
export type FlatValue =
  /** Inline in its table. `i64` holds safe integers. */
  | { readonly kind: "i8" | "i16" | "i32" | "i64"; readonly value: number }
  /** By index; undefined: absent, which means its default. */
  | { readonly kind: "table"; readonly fields: readonly (FlatValue | undefined)[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tables"; readonly tables: readonly FlatValue[] }
  /** Structs of 64-bit integers, `count` of them in all `numbers`. */
  | { readonly kind: "structs"; readonly count: number; readonly numbers: readonly number[] };

export const i8 = (value: number): FlatValue => ({ kind: "i8", value });
export const i16 = (value: number): FlatValue => ({ kind: "i16", value });
export const i32 = (value: number): FlatValue => ({ kind: "i32", value });
export const i64 = (value: number): FlatValue => ({ kind: "i64", value });
export const table = (...fields: readonly (FlatValue | undefined)[]): FlatValue => ({ kind: "table", fields });
export const text = (value: string): FlatValue => ({ kind: "text", text: value });
export const tables = (items: readonly FlatValue[]): FlatValue => ({ kind: "tables", tables: items });
export const structs = (count: number, numbers: readonly number[]): FlatValue => ({ kind: "structs", count, numbers });

const encoder = new TextEncoder();
const SIZE = { i8: 1, i16: 2, i32: 4, i64: 8 } as const;

/** The buffer whose root is the table; its length is a multiple of 8. */
export const encodeFlatBuffer = (root: FlatValue): Uint8Array => {
  let bytes = new Uint8Array(1024);
  let view = new DataView(bytes.buffer);
  let length = 4;

  /** Room for `size` bytes at a multiple of `alignment`, zeroed. */
  const place = (size: number, alignment: number): number => {
    const at = Math.ceil(length / alignment) * alignment;
    length = at + size;
    if (length > bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
      larger.set(bytes);
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    return at;
  };
  const writeInt64 = (at: number, value: number): void => {
    view.setUint32(at, value, true);
    view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
  };
  /** Writes a child and, at `from`, the distance to it. */
  const refer = (from: number, value: FlatValue): void => {
    const at = write(value);
    view.setUint32(from, at - from, true);
  };

  const writeTable = (fields: readonly (FlatValue | undefined)[]): number => {
    const vtable = place(4 + 2 * fields.length, 2);
    // The table begins with the distance back to its vtable; 8 keeps every field aligned.
    let size = 4;
    const offsets = fields.map((field) => {
      if (field === undefined) return 0;
      const width = sizeOf(field);
      const offset = Math.ceil(size / width) * width;
      size = offset + width;
      return offset;
    });
    const at = place(size, 8);
    view.setUint16(vtable, 4 + 2 * fields.length, true);
    view.setUint16(vtable + 2, size, true);
    for (const [i, offset] of offsets.entries()) view.setUint16(vtable + 4 + 2 * i, offset, true);
    view.setInt32(at, at - vtable, true);
    for (const [i, field] of fields.entries()) {
      if (field !== undefined) writeField(at + offsets[i]!, field);
    }
    return at;
  };
  const writeField = (at: number, field: FlatValue): void => {
    switch (field.kind) {
      case "i8":
        view.setInt8(at, field.value);
        break;
      case "i16":
        view.setInt16(at, field.value, true);
        break;
      case "i32":
        view.setInt32(at, field.value, true);
        break;
      case "i64":
        writeInt64(at, field.value);
        break;
      default:
        refer(at, field);
    }
  };

  /** Where what refers to it points. */
  const write = (value: FlatValue): number => {
    switch (value.kind) {
      case "table":
        return writeTable(value.fields);
      case "text": {
        const utf8 = encoder.encode(value.text);
        const at = place(4 + utf8.length + 1, 4);
        view.setUint32(at, utf8.length, true);
        bytes.set(utf8, at + 4);
        return at;
      }
      case "tables": {
        const at = place(4 + 4 * value.tables.length, 4);
        view.setUint32(at, value.tables.length, true);
        for (const [i, item] of value.tables.entries()) refer(at + 4 + 4 * i, item);
        return at;
      }
      case "structs": {
        // The count lies just before the first struct, which is aligned.
        const at = place(4 + 8 * value.numbers.length + 4, 8) + 4;
        view.setUint32(at, value.count, true);
        for (const [i, number] of value.numbers.entries()) writeInt64(at + 4 + 8 * i, number);
        return at;
      }
      default:
        throw new Error(`internal error: a ${value.kind} outside of a table`);
    }
  };

  refer(0, root);
  place(0, 8);
  return bytes.slice(0, length);
};

const sizeOf = (field: FlatValue): number => (field.kind in SIZE ? SIZE[field.kind as keyof typeof SIZE] : 4);
