import { emitLoad } from "../expressions/storage-access.ts";
import type { Value } from "../expressions/value.ts";
import { COLUMN_ENTRY_BYTES, columnEntry } from "../layout/batch.ts";
import { type Storage, storageLayout } from "../layout/storage.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import { pushElement } from "./loops.ts";
import type { EncodedColumn } from "./row.ts";

/**
 * The value of a batch's column in row `row`, in fresh locals. The column's addresses are loaded at the function's entry; whether
 * it is dictionary-encoded is the same for all rows of a batch, so the branches predict well.
 */
export const loadBatchColumn = (
  code: Code,
  batch: Local,
  position: number,
  storage: Storage,
  nullable: boolean,
  row: Local,
): Value => {
  const { fn } = code;
  const entry = (offset: number): Local => batchField(code, batch, position, offset);
  const codes = entry(columnEntry.codes);
  const plain = entry(columnEntry.values);
  const dictionary = entry(columnEntry.dictionary);
  const values = code.atEntry(`column ${position} base`, () => {
    fn.get(dictionary);
    fn.get(plain);
    fn.get(codes);
    fn.op("select");
  });

  const address = fn.local("i32");
  fn.get(codes);
  fn.if(
    () => {
      pushElement(fn, codes, row, 4);
      fn.mem("i32.load");
    },
    () => fn.get(row),
    "i32",
  );
  fn.set(address);
  pushElement(fn, values, address, storageLayout[storage].bytes);
  fn.set(address);
  const value = emitLoad(fn, storage, address);
  if (!nullable) return value;

  const isNull = fn.local("i32");
  pushIsNull(code, batch, position, row);
  fn.set(isNull);
  return { ...value, isNull };
};

/** A field of the column's entry in the batch, loaded once at the function's entry. */
const batchField = (code: Code, batch: Local, position: number, offset: number): Local =>
  code.atEntry(`column ${position} ${offset}`, () => {
    code.fn.get(batch);
    code.fn.mem("i32.load", position * COLUMN_ENTRY_BYTES + offset);
  });

const pushIsNull = (code: Code, batch: Local, position: number, row: Local): void => {
  const { fn } = code;
  const valid = batchField(code, batch, position, columnEntry.valid);
  fn.get(valid);
  fn.if(
    () => {
      pushElement(fn, valid, row, 1);
      fn.mem("i32.load8_u");
      fn.op("i32.eqz");
    },
    () => fn.i32(0),
    "i32",
  );
};

/** Leaves 1 where the batch has the column's values themselves, none of them NULL. */
export const pushIsPlain = (code: Code, batch: Local, position: number): void => {
  const { fn } = code;
  fn.get(batchField(code, batch, position, columnEntry.codes));
  fn.get(batchField(code, batch, position, columnEntry.valid));
  fn.op("i32.or");
  fn.op("i32.eqz");
};

/** Leaves the address of the column's values, where the batch has them. */
export const pushValues = (code: Code, batch: Local, position: number): void =>
  code.fn.get(batchField(code, batch, position, columnEntry.values));

/** The codes of a batch's column, for who works on codes instead of values. */
export const encodedBatchColumn = (
  code: Code,
  batch: Local,
  position: number,
  storage: Storage,
  nullable: boolean,
  row: Local,
): EncodedColumn => {
  const field = (name: keyof typeof columnEntry): Local => batchField(code, batch, position, columnEntry[name]);
  return {
    get codes() {
      return field("codes");
    },
    get dictionaryCount() {
      return field("dictionaryCount");
    },
    get dictionaryId() {
      return field("dictionaryId");
    },
    storage,
    nullable,
    pushCode() {
      pushElement(code.fn, this.codes, row, 4);
      code.fn.mem("i32.load");
    },
    pushIsNull: () => pushIsNull(code, batch, position, row),
    loadApart: () => loadBatchColumn(code, batch, position, storage, nullable, row),
  };
};
