import { QueryError, typeName } from "@headcut/plan";
import { only, pop, push, type Value } from "../value.ts";
import { type Conversion, emitUnconvertible } from "./conversion.ts";

/** Never a timestamp: kernels return it for what is out of range. */
const NO_TIMESTAMP = -(2n ** 63n);

/** Between dates, times and timestamps, with or without time zone (which is UTC). */
export const castTemporal = (conversion: Conversion, value: Value): Value => {
  const { scope, from, to } = conversion;
  const { fn, module } = scope;
  if (from.kind === "date" && to.kind === "timestamp") {
    push(fn, value);
    fn.call(module.kernel("timestampOfDate"));
    const timestamp = pop(fn, "int64", value.isNull);
    fn.get(only(timestamp));
    fn.i64(NO_TIMESTAMP);
    fn.op("i64.eq");
    const result = { ...timestamp, isNull: emitUnconvertible(conversion, value.isNull) };
    return to.unit === "ns" ? toNanoseconds(conversion, result) : result;
  }
  if (from.kind === "timestamp") {
    const micros = from.unit === "ns" && !(to.kind !== "date" && "unit" in to && to.unit === "ns");
    const point = micros ? toMicroseconds(conversion, value) : value;
    switch (to.kind) {
      case "date":
        push(fn, point);
        fn.call(module.kernel("dateOfTimestamp"));
        return pop(fn, "int32", point.isNull);
      case "time":
        push(fn, point);
        fn.call(module.kernel("timeOfDay"));
        return pop(fn, "int64", point.isNull);
      case "timestamp":
        return from.unit === "us" && to.unit === "ns" ? toNanoseconds(conversion, point) : point;
    }
  }
  if (from.kind === "time" && to.kind === "time") {
    if (from.unit === to.unit) return value;
    return to.unit === "ns" ? toNanoseconds(conversion, value) : toMicroseconds(conversion, value);
  }
  throw new QueryError("unsupported", `a cast from ${typeName(from)} to ${typeName(to)} is not supported`);
};

const toNanoseconds = (conversion: Conversion, value: Value): Value => {
  const { fn } = conversion.scope;
  const greatest = (2n ** 63n - 1n) / 1000n;
  fn.get(only(value));
  fn.i64(greatest);
  fn.op("i64.add");
  fn.i64(2n * greatest);
  fn.op("i64.gt_u");
  const isNull = emitUnconvertible(conversion, value.isNull);
  fn.get(only(value));
  fn.i64(1000);
  fn.op("i64.mul");
  return pop(fn, "int64", isNull);
};

/** Rounded down. */
const toMicroseconds = ({ scope }: Conversion, value: Value): Value => {
  const { fn } = scope;
  fn.get(only(value));
  fn.i64(1000);
  fn.op("i64.div_s");
  fn.get(only(value));
  fn.i64(1000);
  fn.op("i64.rem_s");
  fn.i64(63);
  fn.op("i64.shr_s");
  fn.op("i64.add");
  return pop(fn, "int64", value.isNull);
};
