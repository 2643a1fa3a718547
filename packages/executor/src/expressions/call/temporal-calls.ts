import { date, int64, QueryError, timestamp, typeName } from "@headcut/plan";
import { dataReference, referenceList } from "../constant-data.ts";
import { emitRaiseIf } from "../failure.ts";
import type { KernelName } from "../kernel-signatures.ts";
import { raiseCode } from "../raise-code.ts";
import { only, pop, push, type Value } from "../value.ts";
import { argType, type CallContext, type EmitCall, emitKernelCall, kernelCall } from "./call.ts";
import { dateOf, timestampOf } from "./date-part-calls.ts";
import { unitOf } from "./date-units.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** The name whose number, counted from `first`, the kernel finds in a date. */
const name =
  (names: readonly string[], kernel: KernelName, first: number): EmitCall =>
  (context) => {
    const { scope, args } = context;
    const { fn, module } = scope;
    push(fn, dataReference(scope, referenceList(names)));
    fn.op("i32.wrap_i64");
    push(fn, dateOf(context, 0));
    fn.call(module.kernel(kernel));
    fn.op("i32.wrap_i64");
    fn.i32(first);
    fn.op("i32.sub");
    fn.i32(3);
    fn.op("i32.shl");
    fn.op("i32.add");
    fn.mem("i64.load");
    return pop(fn, "string", args[0]!.isNull);
  };

const lastDay: EmitCall = (context) =>
  emitKernelCall(context.scope, { kernel: "lastDayOfMonth" }, [dateOf(context, 0)], date);

/** date_trunc(unit, x) */
const truncate: EmitCall = (context) => {
  const { scope, call } = context;
  const { fn } = scope;
  const immediates = [unitOf(context)];
  if (argType(context, 1).kind === "interval") {
    return emitKernelCall(scope, { kernel: "truncateInterval", immediates }, [context.args[1]!], call.type);
  }
  const result = emitKernelCall(
    scope,
    { kernel: "truncateTimestamp", immediates },
    [timestampOf(context, 1)],
    timestamp,
  );
  fn.get(only(result));
  fn.i64(NO_TIMESTAMP);
  fn.op("i64.eq");
  emitRaiseIf(scope, raiseCode.overflow, "a timestamp is out of range", result.isNull);
  return result;
};

const NO_TIMESTAMP = -(2n ** 63n);
const DAY_UNIT = 7;

/** date_diff and date_sub(unit, a, b); of two times, only in units that a day has. */
const difference =
  (kernel: "timestampBoundaries" | "completeUnits"): EmitCall =>
  (context) => {
    const unit = unitOf(context);
    const isTime = argType(context, 1).kind === "time";
    if (isTime && unit <= DAY_UNIT) {
      throw new QueryError("unsupported", `${context.call.name} of TIME has units from hours down`);
    }
    const [a, b] = [1, 2].map((position) => (isTime ? context.args[position]! : timestampOf(context, position)));
    return emitKernelCall(context.scope, { kernel, immediates: [unit] }, [a!, b!], int64);
  };

/** An integer number of units as an interval. */
const intervalOf =
  (part: "months" | "days" | "micros", size: bigint): EmitCall =>
  ({ scope, call, args }: CallContext) => {
    const { fn } = scope;
    fn.i32({ months: 0, days: 1, micros: 2 }[part]);
    const partCode = pop(fn, "int32");
    fn.i64(size);
    const unit = pop(fn, "int64");
    return emitKernelCall(
      scope,
      { kernel: "intervalOf", fails: "an interval is out of range", code: raiseCode.overflow },
      [args[0]!, partCode, unit],
      call.type,
    );
  };

/** A number of units, with fraction, in microseconds: an interval or a timestamp. */
const microseconds =
  (size: number): EmitCall =>
  ({ scope, call, args }: CallContext) => {
    const { fn } = scope;
    fn.f64(size);
    const unit: Value = pop(fn, "float64");
    return emitKernelCall(
      scope,
      { kernel: "microsOfDouble", fails: `a ${typeName(call.type)} value is out of range`, code: raiseCode.overflow },
      [args[0]!, unit],
      call.type,
    );
  };

const age: EmitCall = ({ scope, call, args }) => emitKernelCall(scope, { kernel: "timestampAge" }, args, call.type);

export const temporalCalls: Readonly<Record<string, EmitCall>> = {
  dayname: name(DAYS, "dayOfWeek", 0),
  monthname: name(MONTHS, "monthOfDate", 1),
  last_day: lastDay,
  date_trunc: truncate,
  date_diff: difference("timestampBoundaries"),
  date_sub: difference("completeUnits"),
  age,
  make_date: kernelCall({ kernel: "makeDate", fails: "there is no such date" }),
  make_time: kernelCall({ kernel: "makeTime", fails: "there is no such time of day" }),
  make_timestamp: kernelCall({ kernel: "makeTimestamp", fails: "there is no such date and time" }),
  to_timestamp: microseconds(1e6),
  to_seconds: microseconds(1e6),
  to_milliseconds: microseconds(1e3),
  to_microseconds: intervalOf("micros", 1n),
  to_minutes: intervalOf("micros", 60000000n),
  to_hours: intervalOf("micros", 3600000000n),
  to_days: intervalOf("days", 1n),
  to_weeks: intervalOf("days", 7n),
  to_months: intervalOf("months", 1n),
  to_quarters: intervalOf("months", 3n),
  to_years: intervalOf("months", 12n),
  to_decades: intervalOf("months", 120n),
  to_centuries: intervalOf("months", 1200n),
  to_millennia: intervalOf("months", 12000n),
};
