import { type AggregateCall, type Expression, type SortKey, typeName } from "@headcut/plan";
import { type Numbering, numbering } from "./numbering.ts";
import { printConstant } from "./print-constant.ts";

const COMPARE = {
  eq: "=",
  ne: "<>",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  distinct: "IS DISTINCT FROM",
  notDistinct: "IS NOT DISTINCT FROM",
} as const;

const ARITHMETIC = { add: "+", sub: "-", mul: "*", div: "/", intdiv: "//", mod: "%" } as const;

/** How tightly an expression's outermost operator binds; operands that bind less are put in parentheses. */
const binding = (expression: Expression): number => {
  switch (expression.kind) {
    case "or":
      return 1;
    case "and":
      return 2;
    case "not":
      return 3;
    case "compare":
    case "isNull":
    case "inList":
    case "like":
      return 4;
    case "arithmetic":
      return expression.op === "add" || expression.op === "sub" ? 5 : 6;
    case "negate":
      return 7;
    case "column":
    case "constant":
    case "case":
    case "cast":
    case "call":
      return 8;
  }
};

/** A column as it prints: `name#n`, the name in double quotes unless it is a plain identifier. */
export const printColumn = (column: { readonly id: number; readonly name: string }, numbers: Numbering): string =>
  `${/^[A-Za-z_][A-Za-z0-9_]*$/.test(column.name) ? column.name : JSON.stringify(column.name)}#${numbers.column(column.id)}`;

/** An expression in SQL's notation; columns are `name#n`, numbered by first appearance. */
export const printExpression = (expression: Expression, numbers: Numbering = numbering()): string => {
  const print = (inner: Expression): string => printExpression(inner, numbers);
  const operand = (inner: Expression, least: number): string =>
    binding(inner) < least ? `(${print(inner)})` : print(inner);
  switch (expression.kind) {
    case "column":
      return printColumn(expression, numbers);
    case "constant":
      return printConstant(expression.type, expression.value);
    case "compare":
      return `${operand(expression.left, 5)} ${COMPARE[expression.op]} ${operand(expression.right, 5)}`;
    case "and":
      return expression.args.map((arg) => operand(arg, 3)).join(" AND ");
    case "or":
      return expression.args.map((arg) => operand(arg, 2)).join(" OR ");
    case "not":
      if (expression.arg.kind === "isNull") return `${operand(expression.arg.arg, 5)} IS NOT NULL`;
      return `NOT ${operand(expression.arg, 3)}`;
    case "isNull":
      return `${operand(expression.arg, 5)} IS NULL`;
    case "arithmetic": {
      const level = binding(expression);
      return `${operand(expression.left, level)} ${ARITHMETIC[expression.op]} ${operand(expression.right, level + 1)}`;
    }
    case "negate":
      return `-${operand(expression.arg, 8)}`;
    case "case": {
      const branches = expression.branches.map(({ when, then }) => `WHEN ${print(when)} THEN ${print(then)} `);
      return `CASE ${branches.join("")}ELSE ${print(expression.otherwise)} END`;
    }
    case "cast":
      return `${expression.try ? "TRY_CAST" : "CAST"}(${print(expression.arg)} AS ${typeName(expression.type)})`;
    case "inList":
      return `${operand(expression.arg, 5)} IN (${expression.list.map(print).join(", ")})`;
    case "like": {
      const suffix = expression.escape === undefined ? "" : ` ESCAPE ${JSON.stringify(expression.escape)}`;
      const like = expression.caseInsensitive ? "ILIKE" : "LIKE";
      return `${operand(expression.arg, 5)} ${like} ${operand(expression.pattern, 5)}${suffix}`;
    }
    case "call":
      return `${expression.name}(${expression.args.map(print).join(", ")})`;
  }
};

export const printSortKey = (key: SortKey, numbers: Numbering = numbering()): string => {
  const direction = key.descending ? " DESC" : "";
  return `${printExpression(key.expression, numbers)}${direction} NULLS ${key.nullsFirst ? "FIRST" : "LAST"}`;
};

export const printAggregateCall = (call: AggregateCall, numbers: Numbering = numbering()): string => {
  const args = call.name === "countStar" ? "*" : call.args.map((arg) => printExpression(arg, numbers)).join(", ");
  const order = call.orderBy.map((key) => printSortKey(key, numbers)).join(", ");
  const name = call.name === "countStar" ? "count" : call.name;
  const filter = call.filter === undefined ? "" : ` FILTER (WHERE ${printExpression(call.filter, numbers)})`;
  return `${name}(${call.distinct ? "DISTINCT " : ""}${args}${order === "" ? "" : ` ORDER BY ${order}`})${filter}`;
};
