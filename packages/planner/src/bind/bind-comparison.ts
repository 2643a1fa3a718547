import {
  and,
  type CompareOp,
  compare,
  type DataType,
  type Expression,
  isNull,
  not,
  or,
  QueryError,
  type SourceRange,
  TRUE,
  typeName,
  varchar,
} from "@headcut/plan";
import { commonOperandType, comparisonType, type Operand } from "../functions/operand.ts";
import { coerce } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { compareOperands, incomparable } from "./combine.ts";
import { asBoolean, bindExpression, operand } from "./operands.ts";

export const COMPARE_OPS: Readonly<Record<tree.CompareOp, CompareOp>> = {
  "=": "eq",
  "<>": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

/** `a op b`, or `(a, b) = (c, d)` field by field, NULL being equal to NULL there as in DuckDB's rows. */
export const bindComparison = (node: tree.Binary, op: tree.CompareOp, env: ExpressionEnv): Operand => {
  const { left, right, range } = node;
  if (left.kind === "row" || right.kind === "row") return operand(compareRows(left, right, op, range, env), range);
  return operand(compareOperands(COMPARE_OPS[op], bindExpression(left, env), bindExpression(right, env), range), range);
};

const compareRows = (
  left: tree.Expression,
  right: tree.Expression,
  op: tree.CompareOp,
  range: SourceRange,
  env: ExpressionEnv,
): Expression => {
  if (left.kind !== "row" || right.kind !== "row" || left.items.length !== right.items.length) {
    throw new QueryError("type-mismatch", "a row can be compared only with a row of the same length", { range });
  }
  if (op !== "=" && op !== "<>") {
    throw new QueryError("unsupported", `rows cannot be compared with ${op}`, {
      range,
      hint: "compare their fields one by one",
    });
  }
  const fields = left.items.map((item, i) =>
    compareOperands(
      op === "=" ? "notDistinct" : "distinct",
      bindExpression(item, env),
      bindExpression(right.items[i]!, env),
      range,
    ),
  );
  return op === "=" ? and(...fields) : or(...fields);
};

export const bindIsDistinct = (node: tree.IsDistinct, env: ExpressionEnv): Operand => {
  const op = node.negated ? "notDistinct" : "distinct";
  return operand(
    compareOperands(op, bindExpression(node.left, env), bindExpression(node.right, env), node.range),
    node.range,
  );
};

/** `IS [NOT] NULL`, `IS [NOT] TRUE` and so on: never NULL itself. */
export const bindIs = (node: tree.Is, env: ExpressionEnv): Operand => {
  const value = bindExpression(node.operand, env);
  return operand(node.negated ? not(truthTest(node.test, value)) : truthTest(node.test, value), node.range);
};

const truthTest = (test: tree.Is["test"], value: Operand): Expression => {
  if (test === "null") return isNull(value.expression);
  const condition = asBoolean(value, `the operand of IS ${test.toUpperCase()}`);
  if (test === "unknown") return isNull(condition);
  return compare("notDistinct", condition, test === "true" ? TRUE : { ...TRUE, value: false });
};

/** One type for all three when there is one, as DuckDB does; else each bound is compared for itself. */
export const bindBetween = (node: tree.Between, env: ExpressionEnv): Operand => {
  const operands = [node.operand, node.low, node.high].map((part) => bindExpression(part, env));
  const type = commonOperandType(operands);
  const [value, low, high] = (
    type === undefined ? operands : operands.map((part) => operand(coerce(part, type), part.range))
  ) as [Operand, Operand, Operand];
  const within = (from: Operand, to: Operand): Expression =>
    and(compareOperands("ge", value, from, node.range), compareOperands("le", value, to, node.range));
  const test = node.symmetric ? or(within(low, high), within(high, low)) : within(low, high);
  return operand(node.negated ? not(test) : test, node.range);
};

export const bindInList = (node: tree.InList, env: ExpressionEnv): Operand => {
  const test = node.operand.kind === "row" ? inRows(node, node.operand, env) : inValues(node, env);
  return operand(node.negated ? not(test) : test, node.range);
};

const inValues = (node: tree.InList, env: ExpressionEnv): Expression => {
  const arg = bindExpression(node.operand, env);
  const list = node.list.map((item) => bindExpression(item, env));
  if (list.length === 1) return compareOperands("eq", arg, list[0]!, node.range);
  const type = commonOperandType([arg, ...list]) ?? stringsGiveWay([arg, ...list]);
  if (type === undefined) {
    const odd = list.find((item) => comparisonType(arg, item) === undefined) ?? list[0]!;
    throw incomparable(arg, odd, odd.range);
  }
  const left = coerce(arg, type);
  const items = list.map((item) => coerce(item, type));
  const nullable = left.nullable || items.some((item) => item.nullable);
  return { kind: "inList", arg: left, list: items, type: { kind: "boolean" }, nullable };
};

/** A VARCHAR column among numbers or dates is read as such. */
const stringsGiveWay = (operands: readonly Operand[]): DataType | undefined => {
  const others = operands.filter(({ expression }) => expression.type.kind !== "varchar");
  return others.length < operands.length ? commonOperandType(others) : undefined;
};

const inRows = (node: tree.InList, row: tree.Row, env: ExpressionEnv): Expression =>
  or(...node.list.map((item) => compareRows(row, item, "=", item.range, env)));

export const bindLike = (node: tree.Like, env: ExpressionEnv): Operand => {
  const arg = text(bindExpression(node.operand, env));
  const pattern = text(bindExpression(node.pattern, env));
  const escapeText = node.escape === undefined ? undefined : escapeCharacter(node.escape, env);
  const test: Expression = {
    kind: "like",
    arg,
    pattern,
    escape: escapeText,
    caseInsensitive: node.caseInsensitive,
    type: { kind: "boolean" },
    nullable: arg.nullable || pattern.nullable,
  };
  return operand(node.negated ? not(test) : test, node.range);
};

const text = (value: Operand): Expression => {
  const { type } = value.expression;
  if (type.kind === "varchar" || type.kind === "null") return coerce(value, varchar);
  throw new QueryError("type-mismatch", `LIKE takes VARCHAR, not ${typeName(type)}`, {
    range: value.range,
    hint: "cast it to VARCHAR",
  });
};

const escapeCharacter = (node: tree.Expression, env: ExpressionEnv): string | undefined => {
  const { expression } = bindExpression(node, env);
  const value = expression.kind === "constant" ? expression.value : undefined;
  if (typeof value !== "string" || [...value].length > 1) {
    throw new QueryError("invalid-argument", "ESCAPE takes one character", { range: node.range });
  }
  return value === "" ? undefined : value;
};
