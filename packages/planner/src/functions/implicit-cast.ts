import { type DataType, integerLayout, isDecimal, isInteger, sameType } from "@headcut/plan";
import { literalFits, type Operand } from "./operand.ts";

/** Which type to prefer when several would do; the numbers are DuckDB's, so that the same overload wins. */
const targetCost = (type: DataType): number => {
  switch (type.kind) {
    case "int64":
      return 101;
    case "double":
      return 102;
    case "int32":
      return 103;
    case "decimal":
      return 104;
    case "timestamp":
      return type.utc || type.unit === "ns" ? 120 : 119;
    case "varchar":
      return 149;
    default:
      return 110;
  }
};

/** What casting the operand without being told to costs: 0 for nothing to do, undefined when it would lose something. */
export const implicitCastCost = (operand: Operand, to: DataType): number | undefined => {
  const from = operand.expression.type;
  if (sameType(from, to)) return 0;
  if (from.kind === "null") return 1;
  if (operand.literal === "string") return 20;
  if (literalFits(operand, to)) return 1;
  return widens(from, to) ? targetCost(to) : undefined;
};

const widens = (from: DataType, to: DataType): boolean => {
  if (isInteger(from)) {
    if (isDecimal(to) || to.kind === "float" || to.kind === "double") return true;
    if (!isInteger(to)) return false;
    const source = integerLayout(from.kind);
    const target = integerLayout(to.kind);
    if (source.signed === target.signed) return target.bits > source.bits;
    return target.signed && target.bits > source.bits;
  }
  if (isDecimal(from)) return to.kind === "float" || to.kind === "double";
  if (from.kind === "float") return to.kind === "double";
  if (from.kind === "date") return to.kind === "timestamp";
  // Nanoseconds give way: no function takes them, and microseconds are what DuckDB answers with too.
  if (from.kind === "timestamp") return to.kind === "timestamp" && (!from.utc || to.utc);
  return from.kind === "time" && to.kind === "time";
};
