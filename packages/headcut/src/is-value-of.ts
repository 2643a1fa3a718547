import { type DataType, integerLayout, isInteger, type Value } from "@headcut/plan";

/** Whether a value from outside is what `Value` promises for the type, so that nothing later has to doubt it. */
export const isValueOf = (type: DataType, value: Value): boolean => {
  if (value === null) return true;
  if (isInteger(type)) {
    const { bits, signed } = integerLayout(type.kind);
    if (bits === 64) {
      return typeof value === "bigint" && (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
    }
    const [least, past] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1)] : [0, 2 ** bits];
    return isWhole(value, least, past);
  }
  switch (type.kind) {
    case "null":
      return false;
    case "boolean":
      return typeof value === "boolean";
    case "date":
      return isWhole(value, -(2 ** 31), 2 ** 31);
    case "float":
      return typeof value === "number" && Object.is(Math.fround(value), value);
    case "double":
      return typeof value === "number";
    case "decimal": {
      const limit = 10n ** BigInt(type.precision);
      return typeof value === "bigint" && value > -limit && value < limit;
    }
    case "time":
      return typeof value === "bigint" && value >= 0n && value < 86_400n * (type.unit === "ns" ? 10n ** 9n : 10n ** 6n);
    case "timestamp":
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case "varchar":
      return typeof value === "string";
    case "blob":
      return value instanceof Uint8Array;
    case "uuid":
      return value instanceof Uint8Array && value.length === 16;
    case "interval":
      return (
        typeof value === "object" &&
        "months" in value &&
        isWhole(value.months, -(2 ** 31), 2 ** 31) &&
        isWhole(value.days, -(2 ** 31), 2 ** 31) &&
        typeof value.micros === "bigint" &&
        BigInt.asIntN(64, value.micros) === value.micros
      );
    default:
      return false;
  }
};

const isWhole = (value: unknown, least: number, past: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value < past;
