import type { KernelName } from "../kernel-signatures.ts";
import type { ExpressionScope } from "../scope.ts";
import { dateToTimestamp, timestampToDate } from "../temporal-arithmetic.ts";
import { only, pop, push, type Value } from "../value.ts";
import { argType, type CallContext, type EmitCall } from "./call.ts";

const MICROS = {
  hour: 3600000000n,
  minute: 60000000n,
  second: 1000000n,
  millisecond: 1000n,
  day: 86400000000n,
} as const;

/** The date of a DATE or TIMESTAMP argument. */
export const dateOf = (context: CallContext, position: number): Value => {
  const arg = context.args[position]!;
  return argType(context, position).kind === "date" ? arg : timestampToDate(context.scope, arg);
};

/** The int64 timestamp of a DATE or TIMESTAMP argument. */
export const timestampOf = (context: CallContext, position: number): Value => {
  const arg = context.args[position]!;
  return argType(context, position).kind === "date" ? dateToTimestamp(context.scope, arg) : arg;
};

/** A part of a date by a kernel; `ofInterval` reads it from an interval's months and days. */
const calendar =
  (kernel: KernelName, ofInterval?: (scope: ExpressionScope, interval: Value) => void): EmitCall =>
  (context) => {
    const { scope, args } = context;
    const { fn, module } = scope;
    if (argType(context, 0).kind === "interval" && ofInterval !== undefined) {
      ofInterval(scope, args[0]!);
    } else {
      push(fn, dateOf(context, 0));
      fn.call(module.kernel(kernel));
    }
    return pop(fn, "int64", args[0]!.isNull);
  };

/** Leaves the interval's months. */
const pushMonths = ({ fn }: ExpressionScope, interval: Value): void => {
  fn.get(interval.locals[1]!);
  fn.i64(32);
  fn.op("i64.shr_s");
};

/** months / divisor, towards zero, after months % modulus where that is given. */
const ofMonths =
  (divisor: number, modulus?: number, plus = 0) =>
  (scope: ExpressionScope, interval: Value): void => {
    const { fn } = scope;
    pushMonths(scope, interval);
    if (modulus !== undefined) {
      fn.i64(modulus);
      fn.op("i64.rem_s");
    }
    if (divisor !== 1) {
      fn.i64(divisor);
      fn.op("i64.div_s");
    }
    if (plus !== 0) {
      fn.i64(plus);
      fn.op("i64.add");
    }
  };

const daysOfInterval = ({ fn }: ExpressionScope, interval: Value): void => {
  fn.get(interval.locals[1]!);
  fn.op("i64.extend32_s");
};

/** time of day / unit, after % modulus: microseconds since midnight, or an interval's own. */
const clock =
  (unit: bigint, modulus: bigint | undefined): EmitCall =>
  (context) => {
    const { scope, args } = context;
    const { fn, module } = scope;
    switch (argType(context, 0).kind) {
      case "date":
        fn.i64(0);
        break;
      case "timestamp":
        push(fn, args[0]!);
        fn.call(module.kernel("timeOfDay"));
        break;
      default:
        fn.get(args[0]!.locals[0]!);
    }
    if (modulus !== undefined) {
      fn.i64(modulus);
      fn.op("i64.rem_s");
    }
    if (unit !== 1n) {
      fn.i64(unit);
      fn.op("i64.div_s");
    }
    return pop(fn, "int64", args[0]!.isNull);
  };

const SECONDS_PER_DAY = 86400;

/** Seconds since 1970-01-01, of midnight for a TIME, as a double. */
const epoch: EmitCall = (context) => {
  const { scope, args } = context;
  const { fn } = scope;
  const [arg] = args as [Value];
  switch (argType(context, 0).kind) {
    case "date":
      fn.get(only(arg));
      fn.op("f64.convert_i32_s");
      fn.f64(SECONDS_PER_DAY);
      fn.op("f64.mul");
      break;
    case "interval":
      intervalEpoch(scope, arg);
      break;
    default:
      fn.get(only(arg));
      fn.op("f64.convert_i64_s");
      fn.f64(1e6);
      fn.op("f64.div");
  }
  return pop(fn, "float64", arg.isNull);
};

/** Years of 365.25 days, months left over of 30, days of 24 hours. */
const intervalEpoch = (scope: ExpressionScope, interval: Value): void => {
  const { fn } = scope;
  ofMonths(12)(scope, interval);
  fn.i64(365.25 * SECONDS_PER_DAY);
  fn.op("i64.mul");
  ofMonths(1, 12)(scope, interval);
  fn.i64(30 * SECONDS_PER_DAY);
  fn.op("i64.mul");
  fn.op("i64.add");
  daysOfInterval(scope, interval);
  fn.i64(SECONDS_PER_DAY);
  fn.op("i64.mul");
  fn.op("i64.add");
  fn.op("f64.convert_i64_s");
  fn.get(interval.locals[0]!);
  fn.op("f64.convert_i64_s");
  fn.f64(1e6);
  fn.op("f64.div");
  fn.op("f64.add");
};

/** Days since 4714-11-24 BC, whose noon astronomers mean; here days begin at midnight. */
const JULIAN_DAY_OF_1970 = 2440588;

const julian: EmitCall = (context) => {
  const { scope, args } = context;
  const { fn, module } = scope;
  push(fn, dateOf(context, 0));
  fn.op("f64.convert_i32_s");
  fn.f64(JULIAN_DAY_OF_1970);
  fn.op("f64.add");
  if (argType(context, 0).kind === "timestamp") {
    push(fn, args[0]!);
    fn.call(module.kernel("timeOfDay"));
    fn.op("f64.convert_i64_s");
    fn.f64(Number(MICROS.day));
    fn.op("f64.div");
    fn.op("f64.add");
  }
  return pop(fn, "float64", args[0]!.isNull);
};

/** Microseconds divided by a unit, towards zero. */
const epochIn =
  (unit: bigint): EmitCall =>
  ({ scope, args }) => {
    const { fn } = scope;
    push(fn, args[0]!);
    if (unit !== 1n) {
      fn.i64(unit);
      fn.op("i64.div_s");
    }
    return pop(fn, "int64", args[0]!.isNull);
  };

export const datePartCalls: Readonly<Record<string, EmitCall>> = {
  year: calendar("yearOfDate", ofMonths(12)),
  month: calendar("monthOfDate", ofMonths(1, 12)),
  day: calendar("dayOfDate", daysOfInterval),
  quarter: calendar("quarterOfDate", ofMonths(3, 12, 1)),
  week: calendar("isoWeek"),
  dayofweek: calendar("dayOfWeek"),
  isodow: calendar("isoDayOfWeek"),
  dayofyear: calendar("dayOfYear"),
  isoyear: calendar("isoYear"),
  yearweek: calendar("yearWeek"),
  decade: calendar("decadeOfDate", ofMonths(120)),
  century: calendar("centuryOfDate", ofMonths(1200)),
  millennium: calendar("millenniumOfDate", ofMonths(12000)),
  era: calendar("eraOfDate"),
  hour: clock(MICROS.hour, undefined),
  minute: clock(MICROS.minute, MICROS.hour),
  second: clock(MICROS.second, MICROS.minute),
  millisecond: clock(MICROS.millisecond, MICROS.minute),
  microsecond: clock(1n, MICROS.minute),
  epoch,
  julian,
  epoch_ms: epochIn(1000n),
  epoch_us: epochIn(1n),
};
