import type { DataType, Value } from "@headcut/plan";
import { formatValue } from "@headcut/planner";

/** A value as CAST(value AS VARCHAR) writes it; NULL as null. */
export const textOf = (type: DataType, value: Value): string | null => formatValue(type, value) ?? null;

/** The same for a value that is not NULL. */
export const presentText = (type: DataType, value: Value): string => textOf(type, value) ?? "NULL";
