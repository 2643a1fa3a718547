import type { DataType } from "@headcut/plan";
import { emitCopyString, emitLoad, emitStore } from "../expressions/storage-access.ts";
import type { Value } from "../expressions/value.ts";
import { type Storage, storageLayout, storageOf } from "../layout/storage.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";

/** What a row shall hold, before it has a place. */
export interface FieldShape {
  readonly storage: Storage;
  readonly nullable: boolean;
}

/** The shape of a value of this type. */
export const fieldShape = ({
  type,
  nullable,
}: {
  readonly type: DataType;
  readonly nullable: boolean;
}): FieldShape => ({
  storage: storageOf(type),
  nullable,
});

export interface Field {
  readonly storage: Storage;
  /** Byte offset of the value in the row. */
  readonly offset: number;
  /** Byte offset of the byte that is 1 for NULL and 0 otherwise; undefined where NULL is impossible. */
  readonly nullOffset: number | undefined;
}

/** Rows of one operator: a header of the operator's own, then fields, widest first, then null bytes. */
export interface RowLayout {
  /** Bytes from one row to the next, a multiple of 16. Rows are 16-aligned. */
  readonly stride: number;
  /** In the order of the shapes. */
  readonly fields: readonly Field[];
}

/** `headerBytes` are left free at the start of each row. */
export const layoutRow = (headerBytes: number, shapes: readonly FieldShape[]): RowLayout => {
  const sized = shapes.map(({ storage }, position) => ({ position, bytes: storageLayout[storage].bytes }));
  const offsets: number[] = [];
  let end = headerBytes;
  for (const { position, bytes } of sized.toSorted((a, b) => b.bytes - a.bytes)) {
    const alignment = Math.min(bytes, 8);
    end = Math.ceil(end / alignment) * alignment;
    offsets[position] = end;
    end += bytes;
  }
  const fields = shapes.map(({ storage, nullable }, position) => ({
    storage,
    offset: offsets[position]!,
    nullOffset: nullable ? end++ : undefined,
  }));
  return { stride: Math.max(16, (end + 15) & ~15), fields };
};

/** The field's value in fresh locals. */
export const loadField = ({ fn }: Code, field: Field, row: Local): Value => {
  const value = emitLoad(fn, field.storage, row, field.offset);
  if (field.nullOffset === undefined) return value;
  const isNull = fn.local("i32");
  fn.get(row);
  fn.mem("i32.load8_u", field.nullOffset);
  fn.set(isNull);
  return { ...value, isNull };
};

/** Writes the value, with the bytes of a string copied to the thread's arena unless they are `stable` already. */
export const storeField = (
  code: Code,
  operatorId: number,
  field: Field,
  row: Local,
  value: Value,
  stable: boolean,
): void => {
  const { fn } = code;
  if (value.isNull !== undefined && field.nullOffset === undefined) {
    throw new Error("internal error: a value that may be NULL in a field that may not");
  }
  const copy = field.storage === "string" && !stable;
  emitStore(fn, copy ? emitCopyString(code.scope(operatorId), value, code.arena) : value, row, field.offset);
  if (field.nullOffset === undefined) return;
  fn.get(row);
  if (value.isNull === undefined) fn.i32(0);
  else fn.get(value.isNull);
  fn.mem("i32.store8", field.nullOffset);
};
