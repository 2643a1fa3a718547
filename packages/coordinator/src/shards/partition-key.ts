import { type DataType, isInteger, type TableColumn, type Value } from "@headcut/plan";
import { compareValues } from "@headcut/planner";

/** The values that a file has of the column its table is partitioned by, bounds included. */
export interface PartitionRange {
  readonly kind: PartitionKind;
  readonly min: Value;
  readonly max: Value;
}

/** Integers of all widths are one kind: equal values of two tables are equal texts. */
export type PartitionKind = "integer" | "date" | "text";

/** Undefined: tables cannot be partitioned by columns of this type. */
export const partitionKind = (type: DataType): PartitionKind | undefined => {
  if (isInteger(type)) return "integer";
  if (type.kind === "date") return "date";
  return type.kind === "varchar" ? "text" : undefined;
};

/** As a file's footer bounds its values; undefined where it does not, or may have NULLs. */
export const partitionRange = ({ type, statistics }: TableColumn): PartitionRange | undefined => {
  const kind = partitionKind(type);
  const { min, max, nullCount } = statistics ?? {};
  if (kind === undefined || min === undefined || max === undefined || nullCount !== 0) return undefined;
  return { kind, min, max };
};

export const isOneValue = ({ min, max }: PartitionRange): boolean => compareValues(min, max) === 0;

/** What placement hashes, part of the contract: the same for the same values of whatever table. */
export const partitionKey = (range: PartitionRange): string =>
  isOneValue(range)
    ? `${range.kind} ${partitionText(range, range.min)}`
    : `${range.kind} ${partitionText(range, range.min)} to ${partitionText(range, range.max)}`;

const MS_PER_DAY = 86_400_000;

/** `7`, `2024-01-31`, `"north"`. */
export const partitionText = ({ kind }: Pick<PartitionRange, "kind">, value: Value): string => {
  switch (kind) {
    case "integer":
      return String(value);
    case "date":
      return dateText(Number(value));
    case "text":
      return JSON.stringify(value);
  }
};

/** Days since 1970 as a date; as their number where dates of JavaScript end. */
const dateText = (days: number): string => {
  const date = new Date(days * MS_PER_DAY);
  return Number.isNaN(date.getTime()) ? `day ${days}` : date.toISOString().replace("T00:00:00.000Z", "");
};
