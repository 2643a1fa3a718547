import type { ColumnId } from "@headcut/plan";
import { emitCopyString } from "../expressions/storage-access.ts";
import { only, type Value } from "../expressions/value.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { Code } from "./code.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";
import type { QueryBuilder } from "./query-builder.ts";
import type { EncodedColumn, Row } from "./row.ts";
import { ThreadStates } from "./thread-states.ts";

/** A dictionary's strings in the arena: emits what gives the current value of the column there. */
export type KeptStrings = ReadonlyMap<ColumnId, (value: Value) => Value>;

/** An array of 256 KiB for each column and thread. */
const MAX_DICTIONARY = 1 << 16;

/** What a thread knows of a column; kernels/pipelines/group-table.ts makes the array: u32 addresses by code, 0 for not copied yet. */
const block = { array: 8, dictionaryId: 12, bytes: 16 } as const;

/**
 * For rows that keep strings: where a batch brings them as codes, each string of its dictionary is copied once, and all rows refer to that
 * copy. It costs less to make, to keep and to read again (the same bytes stay in the cache), and equal references are equal strings.
 * Called before the row's columns are stored, once for each pipeline.
 */
export const keepStrings = (
  query: QueryBuilder,
  pipeline: PipelineBuilder,
  operatorId: number,
  ids: Iterable<ColumnId>,
  row: Row,
): KeptStrings => {
  const encoded = [...ids].flatMap((id): [ColumnId, EncodedColumn][] => {
    const column = row.isStable(id) ? undefined : row.encoded(id);
    return column?.storage === "string" ? [[id, column]] : [];
  });
  if (encoded.length === 0) return new Map();
  const threads = new ThreadStates(query, operatorId, block.bytes * encoded.length);
  threads.open(pipeline);
  const { code } = pipeline;
  const own = threads.own(code);
  return new Map(
    encoded.map(([id, column], i) => {
      const copies = openCopies(code, own, block.bytes * i, column);
      return [id, (value) => emitKeep(code, operatorId, column, copies, value)];
    }),
  );
};

/** At the entry: the copies' array for the batch's dictionary; 0 where it has none, or one too large, or there is no memory for it. */
const openCopies = (code: Code, own: Local, offset: number, column: EncodedColumn): Local => {
  const { fn } = code;
  const { codes, dictionaryCount, dictionaryId } = column;
  const { arena } = code;
  const [address, copies] = [fn.local("i32"), fn.local("i32")];
  fn.atEntry(() => {
    fn.get(own);
    fn.i32(offset);
    fn.op("i32.add");
    fn.set(address);
    fn.i32(0);
    fn.set(copies);
    fn.get(codes);
    fn.i32(0);
    fn.op("i32.ne");
    fn.get(dictionaryCount);
    fn.i32(MAX_DICTIONARY);
    fn.op("i32.le_u");
    fn.op("i32.and");
    fn.if(() => {
      const isKnown = fn.local("i32");
      fn.get(address);
      fn.mem("i32.load", block.dictionaryId);
      fn.get(dictionaryId);
      fn.op("i32.eq");
      fn.tee(isKnown);
      fn.op("i32.eqz");
      fn.if(() => {
        fn.get(address);
        fn.get(dictionaryCount);
        fn.get(arena);
        code.kernel("codeGroupsForget");
        fn.set(isKnown);
        fn.get(address);
        fn.get(dictionaryId);
        fn.i32(0);
        fn.get(isKnown);
        fn.op("select");
        fn.mem("i32.store", block.dictionaryId);
      });
      fn.get(address);
      fn.mem("i32.load", block.array);
      fn.i32(0);
      fn.get(isKnown);
      fn.op("select");
      fn.set(copies);
    });
  });
  return copies;
};

/** The string as a copy that may be older than this row. */
const emitKeep = (code: Code, operatorId: number, column: EncodedColumn, copies: Local, value: Value): Value => {
  const { fn } = code;
  const kept = fn.local("i64");
  const slot = fn.local("i32");
  const copy = (): void => {
    const copied = emitCopyString(code.scope(operatorId), { ...value, isNull: undefined }, code.arena);
    fn.get(only(copied));
    fn.set(kept);
  };
  const keep = (): void => {
    fn.get(copies);
    fn.if(() => {
      fn.get(copies);
      column.pushCode();
      fn.i32(2);
      fn.op("i32.shl");
      fn.op("i32.add");
      fn.tee(slot);
      fn.mem("i32.load");
      fn.op("i64.extend_i32_u");
      fn.tee(kept);
      fn.op("i64.eqz");
      fn.if(
        () => {
          copy();
          fn.get(slot);
          fn.get(kept);
          fn.mem("i64.store32");
        },
        // The copy's address with the length.
        () => {
          fn.get(only(value));
          fn.i64(-1n << 32n);
          fn.op("i64.and");
          fn.get(kept);
          fn.op("i64.or");
          fn.set(kept);
        },
      );
    }, copy);
  };
  if (value.isNull === undefined) keep();
  else {
    fn.i64(0);
    fn.set(kept);
    fn.get(value.isNull);
    fn.op("i32.eqz");
    fn.if(keep);
  }
  return { storage: "string", locals: [kept], isNull: value.isNull };
};
