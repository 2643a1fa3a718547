import { type Compare, type CompareOp, compare, constant, date, type Expression } from "@headcut/plan";
import { MAX_DATE, MICROS_PER_DAY, MIN_DATE } from "./civil-date.ts";

const MIRRORED: Readonly<Record<CompareOp, CompareOp>> = {
  eq: "eq",
  ne: "ne",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
  distinct: "distinct",
  notDistinct: "notDistinct",
};

/**
 * `CAST(d AS TIMESTAMP) op constant` as a comparison of dates, which scans understand. A date is before a point within a day
 * exactly if it is that day or earlier. undefined where it does not apply.
 */
export const compareWithDate = (node: Compare): Expression | undefined => {
  const cast = node.left.kind === "cast" ? node.left : node.right.kind === "cast" ? node.right : undefined;
  if (cast === undefined || cast.type.kind !== "timestamp" || cast.arg.type.kind !== "date") return undefined;
  const other = cast === node.left ? node.right : node.left;
  if (other.kind !== "constant" || other.value === null) return undefined;
  const perDay = cast.type.unit === "ns" ? MICROS_PER_DAY * 1000n : MICROS_PER_DAY;
  const ticks = other.value as bigint;
  const withinDay = ((ticks % perDay) + perDay) % perDay;
  const day = Number((ticks - withinDay) / perDay);
  const op = cast === node.left ? node.op : MIRRORED[node.op];
  const dayOp = withinDay === 0n ? op : dayComparison(op);
  // At the ends of the calendar the cast itself fails for some dates.
  if (dayOp === undefined || day < MIN_DATE || day > MAX_DATE) return undefined;
  return compare(dayOp, cast.arg, constant(date, day));
};

const dayComparison = (op: CompareOp): CompareOp | undefined => {
  switch (op) {
    case "lt":
    case "le":
      return "le";
    case "gt":
    case "ge":
      return "gt";
    default:
      return undefined;
  }
};
