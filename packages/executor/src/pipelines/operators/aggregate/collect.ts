import { type AggregateCall, cast, double, type Expression, isDecimal, isNumeric, type SortKey } from "@headcut/plan";
import { compileExpression } from "../../../expressions/compile-expression.ts";
import { emitMove, freshValue } from "../../../expressions/storage-access.ts";
import { only, pop, type Value } from "../../../expressions/value.ts";
import { storageOf } from "../../../layout/storage.ts";
import type { FunctionBuilder, Local } from "../../../wasm/function-builder.ts";
import type { Code } from "../../code.ts";
import { expressionKey } from "../../expression-key.ts";
import { countedLoop, pushElement } from "../../loops.ts";
import { type Field, fieldShape, layoutRow, loadField, type RowLayout, storeField } from "../../row-layout.ts";
import { compareFields } from "../../sorting/compare-fields.ts";
import { sortFunction } from "../../sorting/merge-sort.ts";
import { sortEntry } from "../../sorting/sort-entry.ts";
import { emitSortPrefix } from "../../sorting/sort-prefix.ts";
import type { Accumulator, State } from "./accumulator.ts";

// Aggregates that need all values of a group: kept as a list of nodes { next node: u32, values … } in the thread's arena,
// joined end to end, and sorted when the result is asked for.

const NODE_HEADER_BYTES = 4;

/** What is collected for the call: its value, then its sort keys. */
export const collected = (call: AggregateCall): readonly Expression[] => {
  const value = call.args[0]!;
  if (call.name === "median")
    return [
      isNumeric(value.type) && !isDecimal(value.type) && value.type.kind !== "double" ? cast(value, double) : value,
    ];
  return [value, ...call.orderBy.map(({ expression }) => expression)];
};

const nodeLayout = (call: AggregateCall): RowLayout =>
  layoutRow(
    NODE_HEADER_BYTES,
    collected(call).map((expression, i) =>
      i === 0 ? { ...fieldShape(expression), nullable: false } : fieldShape(expression),
    ),
  );

/** Fields: first node, last node (both 0 for none), number of nodes. Rows whose value is NULL are left out. */
export const collectFor = (call: AggregateCall): Accumulator => {
  const layout = nodeLayout(call);
  const link = (code: Code, state: State, first: Local, last: Local, count: Local): void => {
    const { fn } = code;
    const before = only(state.load(1));
    fn.get(before);
    fn.if(
      () => {
        fn.get(before);
        fn.get(first);
        fn.mem("i32.store");
      },
      () => state.store(0, { storage: "int32", locals: [first], isNull: undefined }),
    );
    state.store(1, { storage: "int32", locals: [last], isNull: undefined });
    fn.get(only(state.load(2)));
    fn.get(count);
    fn.op("i64.add");
    state.store(2, pop(fn, "int64"));
  };
  return {
    fields: [{ storage: "int32" }, { storage: "int32" }, { storage: "int64" }],
    takesNulls: true,
    update(code, operatorId, state, values) {
      const { fn } = code;
      const [value] = values;
      const add = (): void => {
        const node = fn.local("i32");
        const one = fn.local("i64");
        fn.get(code.arena);
        fn.i32(layout.stride);
        fn.call(code.module.kernel("arenaAllocate"));
        fn.tee(node);
        code.checkAllocated(operatorId);
        fn.get(node);
        fn.i32(0);
        fn.mem("i32.store");
        values.forEach((item, i) => {
          const stored = i === 0 ? { ...item, isNull: undefined } : item;
          storeField(code, operatorId, layout.fields[i]!, node, stored, false);
        });
        fn.i64(1);
        fn.set(one);
        link(code, state, node, node, one);
      };
      if (value!.isNull === undefined) {
        add();
        return;
      }
      fn.get(value!.isNull);
      fn.op("i32.eqz");
      fn.if(add);
    },
    combine(code, _operatorId, into, from) {
      const first = only(from.load(0));
      code.fn.get(first);
      code.fn.if(() => link(code, into, first, only(from.load(1)), only(from.load(2))));
    },
  };
};

/** The entries of the collected nodes, sorted by `keys` (in the order they came for none), and their number. */
const sortedNodes = (
  code: Code,
  operatorId: number,
  call: AggregateCall,
  state: State,
  keys: readonly SortKey[],
  keyFields: readonly Field[],
): { readonly entries: Local; readonly count: Local } => {
  const { fn } = code;
  const [entries, scratch, count, node, entry] = Array.from({ length: 5 }, () => fn.local("i32")) as Locals5;
  fn.get(only(state.load(2)));
  fn.op("i32.wrap_i64");
  fn.set(count);
  for (const array of [entries, scratch]) {
    fn.get(code.arena);
    fn.get(count);
    fn.i32(sortEntry.bytes);
    fn.op("i32.mul");
    fn.call(code.module.kernel("arenaAllocate"));
    fn.tee(array);
    code.checkAllocated(operatorId);
  }
  fn.get(only(state.load(0)));
  fn.set(node);
  countedLoop(fn, count, (index) => {
    pushElement(fn, entries, index, sortEntry.bytes);
    fn.tee(entry);
    fn.get(node);
    fn.mem("i32.store", sortEntry.row);
    const key = keys[0];
    if (key !== undefined) {
      const value = loadField(code, keyFields[0]!, node);
      fn.get(entry);
      emitSortPrefix(code, value, key.expression.type, key);
      fn.mem("i64.store", sortEntry.prefix);
    }
    fn.get(node);
    fn.mem("i32.load");
    fn.set(node);
    code.checkCancelled();
  });
  if (keys.length > 0) {
    fn.get(code.context);
    fn.get(entries);
    fn.get(scratch);
    fn.get(count);
    fn.call(
      sortFunction(code, `${operatorId} ${expressionKey([call.name, call.args, call.orderBy])}`, (inner, a, b) => {
        compareFields(inner, operatorId, keys, keyFields, a, b);
      }),
    );
    fn.set(entries);
  }
  return { entries, count };
};

type Locals5 = [Local, Local, Local, Local, Local];

/** Emits `then`, which sets the value, for groups with at least one node; the others are NULL. */
const unlessEmpty = (code: Code, call: AggregateCall, state: State, then: (result: Value) => void): Value => {
  const { fn } = code;
  const result = freshValue(fn, storageOf(call.type), true);
  for (const local of result.locals) {
    fn[local.type as "i32" | "i64" | "f64"](0);
    fn.set(local);
  }
  fn.get(only(state.load(2)));
  fn.op("i64.eqz");
  fn.tee(result.isNull!);
  fn.op("i32.eqz");
  fn.if(() => then(result));
  return call.nullable ? result : { ...result, isNull: undefined };
};

/** The middle value, of temporals the lower of two middles; of numbers, the mean of the two. */
export const collectedMedian = (code: Code, operatorId: number, call: AggregateCall, state: State): Value => {
  const { fn } = code;
  const field = nodeLayout(call).fields[0]!;
  const key: SortKey = { expression: collected(call)[0]!, descending: false, nullsFirst: false };
  return unlessEmpty(code, call, state, (result) => {
    const { entries, count } = sortedNodes(code, operatorId, call, state, [key], [field]);
    const at = (pushIndex: () => void): Value => {
      const index = fn.local("i32");
      const row = fn.local("i32");
      pushIndex();
      fn.set(index);
      pushElement(fn, entries, index, sortEntry.bytes);
      fn.mem("i32.load", sortEntry.row);
      fn.set(row);
      return loadField(code, field, row);
    };
    const lower = at(() => {
      fn.get(count);
      fn.i32(1);
      fn.op("i32.sub");
      fn.i32(1);
      fn.op("i32.shr_u");
    });
    if (!isNumeric(call.args[0]!.type)) {
      moveLocals(code, lower, result);
      return;
    }
    const upper = at(() => {
      fn.get(count);
      fn.i32(1);
      fn.op("i32.shr_u");
    });
    switch (result.storage) {
      case "int64":
        meanInt64(fn, lower, upper);
        fn.set(only(result));
        return;
      case "int128":
        meanInt128(fn, lower, upper, result);
        return;
      default:
        meanFloat64(fn, lower, upper);
        fn.set(only(result));
    }
  });
};

/** Equal middles as they are, so that infinities stay what they are. */
const meanFloat64 = (fn: FunctionBuilder, lower: Value, upper: Value): void => {
  fn.get(only(lower));
  fn.get(only(lower));
  fn.get(only(upper));
  fn.get(only(lower));
  fn.op("f64.sub");
  fn.f64(0.5);
  fn.op("f64.mul");
  fn.op("f64.add");
  fn.get(only(lower));
  fn.get(only(upper));
  fn.op("f64.eq");
  fn.op("select");
};

/** lower + (upper - lower) / 2: the difference is not negative, and as an unsigned number never overflows. */
const meanInt64 = (fn: FunctionBuilder, lower: Value, upper: Value): void => {
  fn.get(only(lower));
  fn.get(only(upper));
  fn.get(only(lower));
  fn.op("i64.sub");
  fn.i64(1);
  fn.op("i64.shr_u");
  fn.op("i64.add");
};

/** The same on two words. */
const meanInt128 = (fn: FunctionBuilder, lower: Value, upper: Value, result: Value): void => {
  const [lowerLow, lowerHigh] = lower.locals as [Local, Local];
  const [upperLow, upperHigh] = upper.locals as [Local, Local];
  const [low, high] = result.locals as [Local, Local];
  const difference = fn.local("i64");
  // The difference's high word: minus one more where the low words borrow.
  fn.get(upperHigh);
  fn.get(lowerHigh);
  fn.op("i64.sub");
  fn.get(upperLow);
  fn.get(lowerLow);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.op("i64.sub");
  fn.set(difference);
  // Half of it, low word: the high word's last bit comes in at the top.
  fn.get(upperLow);
  fn.get(lowerLow);
  fn.op("i64.sub");
  fn.i64(1);
  fn.op("i64.shr_u");
  fn.get(difference);
  fn.i64(63);
  fn.op("i64.shl");
  fn.op("i64.or");
  fn.get(lowerLow);
  fn.op("i64.add");
  fn.set(low);
  // The high word, with the carry of the low one.
  fn.get(difference);
  fn.i64(1);
  fn.op("i64.shr_u");
  fn.get(lowerHigh);
  fn.op("i64.add");
  fn.get(low);
  fn.get(lowerLow);
  fn.op("i64.lt_u");
  fn.op("i64.extend_i32_u");
  fn.op("i64.add");
  fn.set(high);
};

/** The strings in order, with the separator between them. */
export const collectedString = (code: Code, operatorId: number, call: AggregateCall, state: State): Value => {
  const { fn } = code;
  const { fields } = nodeLayout(call);
  return unlessEmpty(code, call, state, (result) => {
    const { entries, count } = sortedNodes(code, operatorId, call, state, call.orderBy, fields.slice(1));
    const separator = compileExpression(call.args[1]!, code.scope(operatorId));
    fn.get(entries);
    fn.get(count);
    fn.i32(fields[0]!.offset);
    fn.get(only(separator));
    fn.get(code.arena);
    code.kernel("joinStrings");
    fn.tee(only(result));
    fn.op("i64.eqz");
    fn.op("i32.eqz");
    code.checkAllocated(operatorId);
  });
};

const moveLocals = ({ fn }: Code, from: Value, to: Value): void => emitMove(fn, from, { ...to, isNull: undefined });
