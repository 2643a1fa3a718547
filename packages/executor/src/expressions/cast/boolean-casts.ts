import { int8 } from "@headcut/plan";
import { only, pop, push, type Value } from "../value.ts";
import type { Conversion } from "./conversion.ts";
import { castNumber } from "./numeric-casts.ts";

/** 0 or 1. */
export const booleanToNumber = (conversion: Conversion, value: Value): Value =>
  castNumber({ ...conversion, from: int8 }, { ...value, storage: "int32" });

/** Whether the number is not 0; NaN is not. */
export const numberToBoolean = ({ scope }: Conversion, value: Value): Value => {
  const { fn } = scope;
  switch (value.storage) {
    case "float32":
      fn.get(only(value));
      fn.f32(0);
      fn.op("f32.ne");
      break;
    case "float64":
      fn.get(only(value));
      fn.f64(0);
      fn.op("f64.ne");
      break;
    case "int32":
      fn.get(only(value));
      fn.i32(0);
      fn.op("i32.ne");
      break;
    default:
      push(fn, value);
      if (value.storage === "int128") fn.op("i64.or");
      fn.i64(0);
      fn.op("i64.ne");
  }
  return pop(fn, "bool", value.isNull);
};
