import type { DataType } from "@headcut/plan";
import type { Local } from "../wasm/function-builder.ts";
import type { Op } from "../wasm/opcodes.ts";
import type { ExpressionScope } from "./scope.ts";
import { only, push, type Value } from "./value.ts";

export type OrderOp = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/**
 * Leaves an i32 on the stack: whether `a op b`, as if neither were NULL. The order is total and DuckDB's: NaN equals NaN
 * and is greater than all numbers, strings are ordered by their bytes, intervals by length with months of 30 days.
 */
export const emitComparison = (scope: ExpressionScope, op: OrderOp, a: Value, b: Value, type: DataType): void => {
  const { fn } = scope;
  switch (a.storage) {
    case "bool":
    case "int32":
      push(fn, a);
      push(fn, b);
      fn.op(op === "eq" || op === "ne" ? `i32.${op}` : `i32.${op}_s`);
      return;
    case "int64":
      push(fn, a);
      push(fn, b);
      fn.op(op === "eq" || op === "ne" ? `i64.${op}` : type.kind === "uint64" ? `i64.${op}_u` : `i64.${op}_s`);
      return;
    case "int128":
      if (type.kind === "interval") throughKernel(scope, "intervalCompare", op, a, b);
      else int128Comparison(scope, op, a, b);
      return;
    case "float32":
    case "float64":
      floatComparison(scope, op, a, b);
      return;
    case "string":
      if (op === "eq" || op === "ne") {
        stringEquality(scope, only(a), only(b));
        if (op === "ne") fn.op("i32.eqz");
      } else {
        throughKernel(scope, "stringCompare", op, a, b);
      }
  }
};

const throughKernel = (
  { fn, module }: ExpressionScope,
  kernel: "stringCompare" | "intervalCompare",
  op: OrderOp,
  a: Value,
  b: Value,
): void => {
  push(fn, a);
  push(fn, b);
  fn.call(module.kernel(kernel));
  fn.i32(0);
  fn.op(op === "eq" || op === "ne" ? `i32.${op}` : `i32.${op}_s`);
};

const stringEquality = ({ fn, module }: ExpressionScope, a: Local, b: Local): void => {
  // Most unequal strings differ in length, the high half of the reference.
  fn.get(a);
  fn.get(b);
  fn.op("i64.xor");
  fn.i64(32);
  fn.op("i64.shr_u");
  fn.op("i64.eqz");
  fn.if(
    () => {
      fn.get(a);
      fn.get(b);
      fn.call(module.kernel("stringEquals"));
    },
    () => fn.i32(0),
    "i32",
  );
};

const int128Comparison = ({ fn }: ExpressionScope, op: OrderOp, a: Value, b: Value): void => {
  const [aLow, aHigh] = a.locals as [Local, Local];
  const [bLow, bHigh] = b.locals as [Local, Local];
  if (op === "eq" || op === "ne") {
    fn.get(aLow);
    fn.get(bLow);
    fn.op("i64.xor");
    fn.get(aHigh);
    fn.get(bHigh);
    fn.op("i64.xor");
    fn.op("i64.or");
    fn.op("i64.eqz");
    if (op === "ne") fn.op("i32.eqz");
    return;
  }
  // The low words decide where the high ones are equal.
  fn.get(aLow);
  fn.get(bLow);
  fn.op(`i64.${op}_u`);
  fn.get(aHigh);
  fn.get(bHigh);
  fn.op(op === "lt" || op === "le" ? "i64.lt_s" : "i64.gt_s");
  fn.get(aHigh);
  fn.get(bHigh);
  fn.op("i64.eq");
  fn.op("select");
};

const floatComparison = ({ fn }: ExpressionScope, op: OrderOp, a: Value, b: Value): void => {
  const type = a.storage === "float32" ? "f32" : "f64";
  const compare = (name: OrderOp, x: Value, y: Value): void => {
    push(fn, x);
    push(fn, y);
    fn.op(`${type}.${name}` as Op);
  };
  const isNan = (x: Value): void => compare("ne", x, x);
  switch (op) {
    case "eq":
    case "ne":
      compare("eq", a, b);
      isNan(a);
      isNan(b);
      fn.op("i32.and");
      fn.op("i32.or");
      if (op === "ne") fn.op("i32.eqz");
      return;
    case "le":
      compare("le", a, b);
      isNan(b);
      fn.op("i32.or");
      return;
    case "ge":
      compare("ge", a, b);
      isNan(a);
      fn.op("i32.or");
      return;
    case "lt":
      compare("ge", a, b);
      isNan(a);
      fn.op("i32.or");
      fn.op("i32.eqz");
      return;
    case "gt":
      compare("le", a, b);
      isNan(b);
      fn.op("i32.or");
      fn.op("i32.eqz");
  }
};

/** Leaves an i32 on the stack: below, at or above zero as `a` is before, equal to or after `b`; as if neither were NULL. */
export const emitCompare = (scope: ExpressionScope, a: Value, b: Value, type: DataType): void => {
  const { fn, module } = scope;
  if (a.storage === "string" || type.kind === "interval") {
    push(fn, a);
    push(fn, b);
    fn.call(module.kernel(a.storage === "string" ? "stringCompare" : "intervalCompare"));
    return;
  }
  emitComparison(scope, "gt", a, b, type);
  emitComparison(scope, "lt", a, b, type);
  fn.op("i32.sub");
};

export interface SortOrder {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** As `emitCompare`, in the order of a sort key, NULLs included. */
export const emitSortCompare = (
  scope: ExpressionScope,
  a: Value,
  b: Value,
  type: DataType,
  { descending, nullsFirst }: SortOrder,
): void => {
  const { fn } = scope;
  const values = (): void => (descending ? emitCompare(scope, b, a, type) : emitCompare(scope, a, b, type));
  if (a.isNull === undefined && b.isNull === undefined) {
    values();
    return;
  }
  pushNull(scope, a);
  pushNull(scope, b);
  fn.op("i32.or");
  fn.if(
    () => {
      pushNull(scope, nullsFirst ? b : a);
      pushNull(scope, nullsFirst ? a : b);
      fn.op("i32.sub");
    },
    values,
    "i32",
  );
};

/**
 * Leaves an i32 on the stack: 1 where the values are equal. NULL equals nothing, or with `nullSafe` NULL alone
 * (IS NOT DISTINCT FROM).
 */
export const emitEquals = (scope: ExpressionScope, a: Value, b: Value, type: DataType, nullSafe: boolean): void => {
  const { fn } = scope;
  if (a.isNull === undefined && b.isNull === undefined) {
    emitComparison(scope, "eq", a, b, type);
    return;
  }
  pushNull(scope, a);
  pushNull(scope, b);
  fn.op("i32.or");
  fn.if(
    () => {
      if (nullSafe) {
        pushNull(scope, a);
        pushNull(scope, b);
        fn.op("i32.and");
      } else {
        fn.i32(0);
      }
    },
    () => emitComparison(scope, "eq", a, b, type),
    "i32",
  );
};

const pushNull = ({ fn }: ExpressionScope, { isNull }: Value): void => {
  if (isNull === undefined) fn.i32(0);
  else fn.get(isNull);
};
