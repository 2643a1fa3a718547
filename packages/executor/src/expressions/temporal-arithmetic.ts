import { type Arithmetic, type DataType, isInteger, QueryError, typeName } from "@headcut/plan";
import type { Local } from "../wasm/function-builder.ts";
import { emitRaiseIf } from "./failure.ts";
import { addIntervals, intervalFromKernel, negateInterval } from "./interval-arithmetic.ts";
import { raiseCode } from "./raise-code.ts";
import type { ExpressionScope } from "./scope.ts";
import { anyNull, only, pop, popInt128, push, type Value } from "./value.ts";

/** The least i32 and i64: never a date or timestamp, so kernels return them for what is out of range. */
const NO_DATE = -(2 ** 31);
const NO_TIMESTAMP = -(2n ** 63n);

/**
 * Dates, times, timestamps and intervals: point ± interval (months first, bounded by the month's last day), interval ±
 * interval, interval times or divided by a number, date ± days, date + time, date - date in days, timestamp - timestamp
 * as an interval of days and time.
 */
export const temporalArithmetic = (scope: ExpressionScope, expression: Arithmetic, a: Value, b: Value): Value => {
  const { fn } = scope;
  const { op, type, left, right } = expression;
  const [l, r] = [left.type.kind, right.type.kind];
  if (op === "add" || op === "sub") {
    if (l === "interval" && r === "interval") return addIntervals(scope, op, a, b);
    if (r === "interval") {
      return moved(scope, left.type, type, a, op === "add" ? b : negateInterval(scope, b));
    }
    if (l === "interval" && op === "add") return moved(scope, right.type, type, b, a);
    if (l === "date" && isInteger(right.type)) return dateAndDays(scope, a, right.type, b, op === "sub");
    if (r === "date" && isInteger(left.type) && op === "add") return dateAndDays(scope, b, left.type, a, false);
  }
  if (op === "sub" && l === "date" && r === "date") {
    for (const date of [a, b]) {
      push(fn, date);
      fn.op("i64.extend_i32_s");
    }
    fn.op("i64.sub");
    return pop(fn, "int64", anyNull(fn, [a, b]));
  }
  if (op === "sub" && l === "timestamp" && r === "timestamp") {
    return intervalFromKernel(scope, "timestampDifference", [a, b], "the difference of timestamps is out of range");
  }
  if (op === "mul" && l === "interval" && r === "int64") return product(scope, a, b);
  if (op === "mul" && l === "int64" && r === "interval") return product(scope, b, a);
  if ((op === "mul" || op === "div") && l === "interval" && r === "double") return scaled(scope, op, a, b);
  if (op === "mul" && l === "double" && r === "interval") return scaled(scope, op, b, a);
  if (op === "add" && l === "date" && r === "time") return dateAndTime(scope, a, b);
  if (op === "add" && l === "time" && r === "date") return dateAndTime(scope, b, a);
  throw new QueryError("unsupported", `${op} of ${typeName(left.type)} and ${typeName(right.type)} is not supported`);
};

const product = (scope: ExpressionScope, interval: Value, factor: Value): Value =>
  intervalFromKernel(
    scope,
    "intervalMultiply",
    [interval, factor],
    "overflow in the multiplication of an INTERVAL value",
  );

/** interval * factor, or interval * (1 / factor), which is NULL for 0. */
const scaled = (scope: ExpressionScope, op: "mul" | "div", interval: Value, factor: Value): Value => {
  const { fn, module } = scope;
  let isNull = anyNull(fn, [interval, factor]);
  if (op === "div") {
    push(fn, factor);
    fn.f64(0);
    fn.op("f64.eq");
    if (isNull !== undefined) {
      fn.get(isNull);
      fn.op("i32.or");
    }
    isNull = fn.local("i32");
    fn.set(isNull);
  }
  push(fn, interval);
  if (op === "div") fn.f64(1);
  push(fn, factor);
  if (op === "div") fn.op("f64.div");
  fn.call(module.kernel("intervalScale"));
  fn.call(module.kernel("highWord"));
  const result = popInt128(fn, isNull);
  fn.call(module.kernel("kernelFailure"));
  emitRaiseIf(scope, raiseCode.overflow, "overflow in the multiplication of an INTERVAL value", isNull);
  return result;
};

const dateAndTime = (scope: ExpressionScope, date: Value, time: Value): Value => {
  const { fn, module } = scope;
  const isNull = anyNull(fn, [date, time]);
  push(fn, date);
  push(fn, time);
  fn.call(module.kernel("timestampAt"));
  const timestamp = pop(fn, "int64", isNull);
  checkTimestamp(scope, only(timestamp), isNull);
  return timestamp;
};

const moved = (scope: ExpressionScope, from: DataType, to: DataType, point: Value, interval: Value): Value => {
  const { fn, module } = scope;
  const isNull = anyNull(fn, [point, interval]);
  switch (from.kind) {
    case "time":
      push(fn, point);
      fn.get(interval.locals[0]!);
      fn.call(module.kernel("timeAddInterval"));
      return pop(fn, "int64", isNull);
    case "date":
    case "timestamp": {
      if (from.kind === "timestamp" && from.unit === "ns") break;
      const timestamp = from.kind === "date" ? dateToTimestamp(scope, point) : point;
      push(fn, timestamp);
      push(fn, interval);
      fn.call(module.kernel("timestampAddInterval"));
      const result = pop(fn, "int64", isNull);
      checkTimestamp(scope, only(result), isNull);
      return to.kind === "date" ? timestampToDate(scope, result) : result;
    }
  }
  throw new QueryError("unsupported", `${typeName(from)} plus INTERVAL is not supported`);
};

const checkTimestamp = (scope: ExpressionScope, timestamp: Local, isNull: Local | undefined): void => {
  const { fn } = scope;
  fn.get(timestamp);
  fn.i64(NO_TIMESTAMP);
  fn.op("i64.eq");
  emitRaiseIf(scope, raiseCode.overflow, "a timestamp is out of range", isNull);
};

/** Midnight of the date. */
export const dateToTimestamp = (scope: ExpressionScope, date: Value): Value => {
  const { fn, module } = scope;
  push(fn, date);
  fn.call(module.kernel("timestampOfDate"));
  const timestamp = pop(fn, "int64", date.isNull);
  checkTimestamp(scope, only(timestamp), date.isNull);
  return timestamp;
};

export const timestampToDate = ({ fn, module }: ExpressionScope, timestamp: Value): Value => {
  push(fn, timestamp);
  fn.call(module.kernel("dateOfTimestamp"));
  return pop(fn, "int32", timestamp.isNull);
};

const dateAndDays = (
  scope: ExpressionScope,
  date: Value,
  daysType: DataType,
  days: Value,
  backwards: boolean,
): Value => {
  const { fn, module } = scope;
  if (daysType.kind === "uint64") throw new QueryError("unsupported", "DATE plus UBIGINT is not supported");
  const isNull = anyNull(fn, [date, days]);
  push(fn, date);
  if (backwards) fn.i64(0);
  push(fn, days);
  if (days.storage === "int32") fn.op("i64.extend_i32_s");
  if (backwards) fn.op("i64.sub");
  fn.call(module.kernel("dateAddDays"));
  const result = pop(fn, "int32", isNull);
  fn.get(only(result));
  fn.i32(NO_DATE);
  fn.op("i32.eq");
  emitRaiseIf(scope, raiseCode.overflow, "a date is out of range", isNull);
  return result;
};
