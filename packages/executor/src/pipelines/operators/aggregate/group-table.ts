import { emitEquals } from "../../../expressions/comparison.ts";
import type { Value } from "../../../expressions/value.ts";
import type { FunctionRef, Local, ValueType } from "../../../wasm/function-builder.ts";
import { Code } from "../../code.ts";
import { endlessLoop } from "../../loops.ts";
import { emitAppendRow } from "../../row-buffer.ts";
import { loadField, storeField } from "../../row-layout.ts";
import { initialize } from "./accumulator.ts";
import { hashSavesComparing, pushGroupHash, pushOutOfBounds } from "./group-hash.ts";
import type { AggregatePlan } from "./plan-aggregate.ts";

/** Byte offsets in a thread's block; kernels/pipelines/group-table.ts knows them too. */
export const groupTable = {
  /** Address of an array of row addresses (0 = free), searched linearly from the hash's low bits on. */
  directory: 0,
  mask: 4,
  groups: 8,
  /** Number of groups at which the directory grows. */
  limit: 12,
  /** The row buffer; then what the kernels need for joining tables. */
  buffer: 16,
  /** 1: a key was out of the bounds that give each key a place of its own. */
  irregular: 40,
  bytes: 44,
} as const;

/** A group's row begins with its hash, a u32; where each key has a place of its own in the directory, with that place. */
export const GROUP_HEADER_BYTES = 4;

/** Key values, and whether their strings need no copy. */
export interface GroupKeys {
  readonly values: readonly Value[];
  readonly stable: readonly boolean[];
}

/** Emits the search for the group of the keys in the thread's table, where a new group gets a row. The local holds its address. */
export const findGroup = (code: Code, plan: AggregatePlan, table: Local, keys: GroupKeys): Local => {
  const { fn } = code;
  const hash = fn.local("i32");
  const slot = fn.local("i32");
  const row = fn.local("i32");
  pushGroupHash(code, plan, keys.values);
  fn.tee(hash);
  fn.get(table);
  fn.mem("i32.load", groupTable.mask);
  fn.op("i32.and");
  fn.set(slot);
  endlessLoop(fn, (done) => {
    pushSlot(code, table, slot);
    fn.mem("i32.load");
    fn.tee(row);
    fn.op("i32.eqz");
    fn.if(() => {
      fn.get(code.context);
      fn.get(table);
      fn.get(hash);
      for (const value of keys.values) for (const local of localsOf(value)) fn.get(local);
      fn.call(newGroup(code, plan, keys));
      fn.set(row);
      fn.br(done);
    });
    ifSameGroup(code, plan, row, hash, keys.values, () => fn.br(done));
    nextSlot(code, table, slot);
  });
  return row;
};

/** Address of the directory's entry. */
const pushSlot = ({ fn }: Code, table: Local, slot: Local): void => {
  fn.get(table);
  fn.mem("i32.load", groupTable.directory);
  fn.get(slot);
  fn.i32(2);
  fn.op("i32.shl");
  fn.op("i32.add");
};

const nextSlot = ({ fn }: Code, table: Local, slot: Local): void => {
  fn.get(slot);
  fn.i32(1);
  fn.op("i32.add");
  fn.get(table);
  fn.mem("i32.load", groupTable.mask);
  fn.op("i32.and");
  fn.set(slot);
};

/** Emits `then` for the case that the group at `row` has this hash and these keys. */
export const ifSameGroup = (
  code: Code,
  plan: AggregatePlan,
  row: Local,
  hash: Local,
  keys: readonly Value[],
  then: () => void,
): void => {
  const { fn } = code;
  const compareFrom = (position: number): void => {
    const key = keys[position];
    if (key === undefined) {
      then();
      return;
    }
    const type = plan.keys[position]!.type;
    emitEquals(code.scope(plan.operatorId), loadField(code, plan.keyFields[position]!, row), key, type, true);
    fn.if(() => compareFrom(position + 1));
  };
  if (!hashSavesComparing(plan)) {
    compareFrom(0);
    return;
  }
  fn.get(row);
  fn.mem("i32.load");
  fn.get(hash);
  fn.op("i32.eq");
  fn.if(() => compareFrom(0));
};

const localsOf = ({ locals, isNull }: Value): readonly Local[] => (isNull === undefined ? locals : [...locals, isNull]);

/** A function (context, table, hash, keys …) → row: adds a group that is not in the table. Rare, so out of the row loop's code. */
const newGroup = (outer: Code, plan: AggregatePlan, keys: GroupKeys): FunctionRef => {
  const { module } = outer;
  const params = keys.values.flatMap(localsOf).map(({ type }): ValueType => type);
  return module.helper(`newGroup${plan.operatorId}`, ["i32", "i32", "i32", ...params], ["i32"], (fn) => {
    const [context, table, hash, ...rest] = fn.params as [Local, Local, Local, ...Local[]];
    const code = new Code(fn, module, context);
    const values = keys.values.map((value): Value => {
      const locals = value.locals.map(() => rest.shift()!);
      return { ...value, locals, isNull: value.isNull === undefined ? undefined : rest.shift()! };
    });

    if (plan.dense !== undefined) {
      pushOutOfBounds(code, plan.dense.keys, values);
      fn.if(() => leaveDense(code, table));
    }
    fn.get(table);
    fn.mem("i32.load", groupTable.groups);
    fn.get(table);
    fn.mem("i32.load", groupTable.limit);
    fn.op("i32.ge_u");
    fn.if(() => growTable(code, plan, table));

    const row = emitAppendRow(code, plan.operatorId, table, groupTable.buffer, plan.layout.stride);
    fn.get(row);
    fn.get(hash);
    fn.mem("i32.store");
    values.forEach((value, i) => {
      storeField(code, plan.operatorId, plan.keyFields[i]!, row, value, keys.stable[i]!);
    });
    for (const use of plan.uses) initialize(code, use.accumulator, plan.stateOf(code, use, row));

    const slot = fn.local("i32");
    fn.get(hash);
    fn.get(table);
    fn.mem("i32.load", groupTable.mask);
    fn.op("i32.and");
    fn.set(slot);
    endlessLoop(fn, (done) => {
      pushSlot(code, table, slot);
      fn.mem("i32.load");
      fn.op("i32.eqz");
      fn.brIf(done);
      nextSlot(code, table, slot);
    });
    pushSlot(code, table, slot);
    fn.get(row);
    fn.mem("i32.store");
    fn.get(table);
    fn.get(table);
    fn.mem("i32.load", groupTable.groups);
    fn.i32(1);
    fn.op("i32.add");
    fn.mem("i32.store", groupTable.groups);
    fn.get(row);
  });
};

/** Keys may share places from now on: the directory is to stay half empty, as with hashing. */
const leaveDense = ({ fn }: Code, table: Local): void => {
  fn.get(table);
  fn.i32(1);
  fn.mem("i32.store", groupTable.irregular);
  fn.get(table);
  fn.get(table);
  fn.mem("i32.load", groupTable.mask);
  fn.i32(1);
  fn.op("i32.shr_u");
  fn.mem("i32.store", groupTable.limit);
};

/** Entries of the first directory, a power of two. Where keys have places of their own, one more is free, to end every search. */
export const firstEntries = ({ dense, estimatedRows }: AggregatePlan): number => {
  const wanted = dense === undefined ? 2 * Math.min(estimatedRows, MAX_FIRST_GROUPS) : dense.combinations + 1;
  return Math.max(MIN_ENTRIES, 2 ** Math.ceil(Math.log2(Math.max(1, wanted))));
};

const MIN_ENTRIES = 1024;
/** A directory of 16 MiB, which takes few of the rows that are needed for so many groups to be expected. */
const MAX_FIRST_GROUPS = 1 << 21;

/** At the entry of the pipeline's function: makes the directory, unless it is there. */
export const openTable = (code: Code, plan: AggregatePlan, table: Local): void => {
  const { fn } = code;
  fn.atEntry(() => {
    fn.get(table);
    fn.mem("i32.load", groupTable.directory);
    fn.op("i32.eqz");
    fn.if(() => growTable(code, plan, table));
  });
};

/** Makes the directory, or a larger one. */
export const growTable = (code: Code, plan: AggregatePlan, table: Local): void => {
  const { fn } = code;
  const entries = firstEntries(plan);
  fn.get(table);
  fn.get(code.arena);
  fn.i32(plan.layout.stride);
  fn.i32(entries);
  fn.i32(plan.dense === undefined ? entries / 2 : entries - 1);
  code.kernel("groupTableGrow");
  code.checkAllocated(plan.operatorId);
};
