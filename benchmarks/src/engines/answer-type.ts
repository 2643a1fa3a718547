import type { AnswerType } from "@headcut/tpch";

/** How values of an SQL type are compared. */
export const answerType = (typeName: string): AnswerType => {
  if (typeName.startsWith("DECIMAL")) return "decimal";
  if (typeName === "DOUBLE" || typeName === "FLOAT") return "double";
  if (typeName === "DATE") return "date";
  return typeName.endsWith("INT") || typeName === "INTEGER" ? "integer" : "text";
};
