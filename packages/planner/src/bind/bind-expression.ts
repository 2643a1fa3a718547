import {
  type ArithmeticOp,
  and,
  cast,
  constant,
  type Expression,
  isNumeric,
  not,
  or,
  QueryError,
  typeName,
  unreachable,
} from "@headcut/plan";
import { canCast, castValue } from "../fold/cast-value.ts";
import { scalarFunction } from "../functions/catalogue.ts";
import type { Operand } from "../functions/operand.ts";
import { castTo, coerce, resolveCall } from "../functions/resolve.ts";
import { dataTypeOf } from "../syntax/data-type-of.ts";
import type * as tree from "../syntax/tree.ts";
import { bindCall, bindExtract } from "./bind-call.ts";
import { bindColumn } from "./bind-column.ts";
import { bindBetween, bindComparison, bindInList, bindIs, bindIsDistinct, bindLike } from "./bind-comparison.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import {
  bindBlob,
  bindBoolean,
  bindInterval,
  bindNull,
  bindNumber,
  bindParameter,
  bindString,
  bindTypedLiteral,
  nullOf,
} from "./bind-literal.ts";
import { bindExists, bindInQuery, bindQuantified, bindScalarQuery } from "./bind-subquery.ts";
import { branch, caseOf, combine, compareOperands, concatenation, resultType } from "./combine.ts";
import { asBoolean, bindExpression, operand } from "./operands.ts";

/** Binds an expression: names to columns, functions to the catalogue, with every coercion as a cast. */
export const bindAnyExpression = (node: tree.Expression, env: ExpressionEnv): Operand => {
  const known = env.known.get(node);
  if (known !== undefined) return operand(known, node.range);
  switch (node.kind) {
    case "number":
      return bindNumber(node, false);
    case "string":
      return bindString(node);
    case "blob":
      return bindBlob(node);
    case "boolean":
      return bindBoolean(node);
    case "null":
      return bindNull(node);
    case "typedLiteral":
      return bindTypedLiteral(node);
    case "interval":
      return bindInterval(node, bindExpression(node.value, env));
    case "columnName":
      return bindColumn(node, env);
    case "parameter":
      return bindParameter(node, env);
    case "unary":
      return bindUnary(node, env);
    case "binary":
      return bindBinary(node, env);
    case "logical": {
      const operands = node.operands.map((part) =>
        asBoolean(bindExpression(part, env), `an operand of ${node.op.toUpperCase()}`),
      );
      return operand(node.op === "and" ? and(...operands) : or(...operands), node.range);
    }
    case "is":
      return bindIs(node, env);
    case "isDistinct":
      return bindIsDistinct(node, env);
    case "between":
      return bindBetween(node, env);
    case "inList":
      return bindInList(node, env);
    case "inQuery":
      return bindInQuery(node, env);
    case "like":
      return bindLike(node, env);
    case "case":
      return bindCase(node, env);
    case "cast":
      return bindCast(node, env);
    case "extract":
      return bindExtract(node, env);
    case "call":
      return bindCall(node, env);
    case "scalarQuery":
      return bindScalarQuery(node, env);
    case "exists":
      return bindExists(node, env);
    case "quantified":
      return bindQuantified(node, env);
    case "row":
      throw new QueryError("unsupported", "a row can only be compared with a row or be an operand of IN", {
        range: node.range,
      });
    default:
      return unreachable(node);
  }
};

const bindUnary = (node: tree.Unary, env: ExpressionEnv): Operand => {
  if (node.op === "not") {
    return operand(not(asBoolean(bindExpression(node.operand, env), "the operand of NOT")), node.range);
  }
  if (node.op === "-" && node.operand.kind === "number") {
    return { ...bindNumber(node.operand, true), range: node.range };
  }
  const value = bindExpression(node.operand, env);
  const arg = value.expression;
  const signed = isNumeric(arg.type) || arg.type.kind === "null" || (node.op === "-" && arg.type.kind === "interval");
  if (!signed) {
    throw new QueryError("type-mismatch", `there is no operator ${node.op} for ${typeName(arg.type)}`, {
      range: node.range,
    });
  }
  if (node.op === "+") return operand(arg, node.range);
  return operand({ kind: "negate", arg, type: arg.type, nullable: arg.nullable }, node.range);
};

const ARITHMETIC_OPS: Readonly<Record<"+" | "-" | "*" | "/" | "//" | "%", ArithmeticOp>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "//": "intdiv",
  "%": "mod",
};

const bindBinary = (node: tree.Binary, env: ExpressionEnv): Operand => {
  const { op } = node;
  switch (op) {
    case "=":
    case "<>":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return bindComparison(node, op, env);
    case "^":
      return bindOperatorCall("pow", node, env);
    case "||":
      return bindConcatenation(node, env);
    default: {
      const left = bindExpression(node.left, env);
      const right = bindExpression(node.right, env);
      return operand(combine(ARITHMETIC_OPS[op], op, left, right, node.range), node.range);
    }
  }
};

const bindOperatorCall = (name: string, node: tree.Binary, env: ExpressionEnv): Operand => {
  const operands = [bindExpression(node.left, env), bindExpression(node.right, env)];
  return operand(resolveCall(scalarFunction(name)!, node.op, operands, node.range), node.range);
};

/** `a || b || c` as one call. */
const bindConcatenation = (node: tree.Binary, env: ExpressionEnv): Operand => {
  const parts: tree.Expression[] = [];
  const flatten = (part: tree.Expression): void => {
    if (part.kind === "binary" && part.op === "||" && !env.known.has(part)) {
      flatten(part.left);
      flatten(part.right);
    } else parts.push(part);
  };
  flatten(node);
  return operand(
    concatenation(
      parts.map((part) => bindExpression(part, env)),
      node.range,
    ),
    node.range,
  );
};

const bindCase = (node: tree.Case, env: ExpressionEnv): Operand => {
  const lazy: ExpressionEnv = { ...env, lazy: true };
  const subject = node.operand && bindExpression(node.operand, env);
  const whens = node.branches.map(({ when, range }) =>
    subject === undefined
      ? asBoolean(bindExpression(when, lazy), "a condition of CASE")
      : compareOperands("eq", subject, bindExpression(when, lazy), range),
  );
  const thens = node.branches.map(({ then }) => bindExpression(then, lazy));
  const otherwise = node.otherwise && bindExpression(node.otherwise, lazy);
  const results = otherwise === undefined ? thens : [...thens, otherwise];
  const type = resultType(results, "CASE", node.range);
  const branches = thens.map((then, i) => branch(whens[i]!, coerce(then, type)));
  return operand(caseOf(branches, otherwise === undefined ? nullOf(type) : coerce(otherwise, type)), node.range);
};

const bindCast = (node: tree.Cast, env: ExpressionEnv): Operand => {
  const arg = bindExpression(node.operand, env).expression;
  const type = dataTypeOf(node.type);
  if (!canCast(arg.type, type)) {
    throw new QueryError("type-mismatch", `cannot cast ${typeName(arg.type)} to ${typeName(type)}`, {
      range: node.range,
    });
  }
  if (node.try) return operand(tryCast(arg, type), node.range);
  try {
    return operand(castTo(arg, type, node.range), node.range);
  } catch (error) {
    // A constant that does not convert is an error only where it is evaluated.
    if (env.lazy && error instanceof QueryError && error.code === "conversion") {
      return operand(cast(arg, type), node.range);
    }
    throw error;
  }
};

const tryCast = (arg: Expression, type: Expression["type"]): Expression => {
  if (arg.kind !== "constant") return cast(arg, type, true);
  try {
    return constant(type, castValue(arg.value, arg.type, type));
  } catch (error) {
    if (error instanceof QueryError) return nullOf(type);
    throw error;
  }
};
