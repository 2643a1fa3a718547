import {
  blob,
  boolean,
  type Constant,
  constant,
  type DataType,
  decimal,
  double,
  type Expression,
  hugeint,
  int32,
  int64,
  interval,
  isInteger,
  MAX_DECIMAL_PRECISION,
  nullType,
  QueryError,
  type TypedValue,
  varchar,
} from "@headcut/plan";
import { evaluateConstant } from "../fold/evaluate.ts";
import { scalarFunction } from "../functions/catalogue.ts";
import type { Operand } from "../functions/operand.ts";
import { castTo, coerce, resolveCall } from "../functions/resolve.ts";
import { dataTypeOf } from "../syntax/data-type-of.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { operand } from "./operands.ts";

/** A number as DuckDB types it; the sign belongs to it, so that the least integers can be written. */
export const bindNumber = (node: tree.NumberLiteral, negative: boolean): Operand => {
  if (node.form === "integer") return bindInteger(node, negative);
  const expression = node.form === "decimal" ? decimalLiteral(node.text, negative) : floatLiteral(node.text, negative);
  return operand(expression, node.range);
};

const bindInteger = (node: tree.NumberLiteral, negative: boolean): Operand => {
  const magnitude = BigInt(node.text);
  const value = negative ? -magnitude : magnitude;
  // -2147483648 is a BIGINT, since 2147483648 is one.
  if (magnitude <= 2147483647n) return integerOperand(constant(int32, Number(value)), node);
  if (BigInt.asIntN(64, value) === value) return integerOperand(constant(int64, value), node);
  if (magnitude < 10n ** 38n) return integerOperand(constant(hugeint, value), node);
  return operand(floatLiteral(node.text, negative), node.range);
};

const integerOperand = (expression: Constant, node: tree.Expression): Operand => ({
  expression,
  literal: "integer",
  range: node.range,
});

/** Digits before the point, at least one unless the text starts with it, and all after it: 0.05 is DECIMAL(3,2). */
const decimalLiteral = (text: string, negative: boolean): Constant => {
  const [integral = "", fraction = ""] = text.split(".");
  const precision = integral.length + fraction.length;
  if (precision > MAX_DECIMAL_PRECISION) return floatLiteral(text, negative);
  const magnitude = BigInt(integral + fraction);
  return constant(decimal(precision, fraction.length), negative ? -magnitude : magnitude);
};

const floatLiteral = (text: string, negative: boolean): Constant =>
  constant(double, negative ? -Number(text) : Number(text));

export const bindString = (node: tree.StringLiteral): Operand => ({
  expression: constant(varchar, node.value),
  literal: "string",
  range: node.range,
});

export const bindBlob = (node: tree.BlobLiteral): Operand => operand(constant(blob, node.value), node.range);

export const bindBoolean = (node: tree.BooleanLiteral): Operand => operand(constant(boolean, node.value), node.range);

export const bindNull = (node: tree.NullLiteral): Operand => operand(constant(nullType, null), node.range);

/** `DATE '1995-01-01'`. */
export const bindTypedLiteral = (node: tree.TypedLiteral): Operand =>
  operand(castTo(constant(varchar, node.value), dataTypeOf(node.type), node.range), node.range);

/** A parameter is a constant of its value's type, and adapts as a literal does. */
export const bindParameter = (node: tree.Parameter, env: ExpressionEnv): Operand => {
  const value = parameterValue(node.name, env.state.context.parameters);
  if (value === undefined) {
    throw new QueryError("invalid-argument", `parameter $${node.name} has no value`, {
      range: node.range,
      hint: "pass as many values as the statement has parameters",
    });
  }
  return { expression: constant(value.type, value.value), literal: adaptability(value), range: node.range };
};

const parameterValue = (
  name: number | string,
  parameters: readonly TypedValue[] | Readonly<Record<string, TypedValue>>,
): TypedValue | undefined => {
  if (isList(parameters)) return typeof name === "number" ? parameters[name - 1] : undefined;
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
};

const isList = (
  parameters: readonly TypedValue[] | Readonly<Record<string, TypedValue>>,
): parameters is readonly TypedValue[] => Array.isArray(parameters);

const adaptability = ({ type, value }: TypedValue): "integer" | "string" | undefined => {
  if (value === null) return undefined;
  return isInteger(type) ? "integer" : type.kind === "varchar" ? "string" : undefined;
};

/** Which `to_…` function makes an interval of a number of units, and of what number. */
const INTERVAL_FUNCTIONS: Readonly<Record<tree.IntervalUnit, readonly [name: string, whole: boolean]>> = {
  millennium: ["to_millennia", true],
  century: ["to_centuries", true],
  decade: ["to_decades", true],
  year: ["to_years", true],
  quarter: ["to_quarters", true],
  month: ["to_months", true],
  week: ["to_weeks", true],
  day: ["to_days", true],
  hour: ["to_hours", true],
  minute: ["to_minutes", true],
  second: ["to_seconds", false],
  millisecond: ["to_milliseconds", false],
  microsecond: ["to_microseconds", true],
};

/** `INTERVAL value UNIT`: the value counts as DOUBLE and, but for seconds and milliseconds, loses its fraction. */
export const bindInterval = (node: tree.IntervalLiteral, value: Operand): Operand => {
  if (node.unit === undefined) return operand(coerce(value, interval), node.range);
  const [name, whole] = INTERVAL_FUNCTIONS[node.unit];
  const exact = whole && isInteger(value.expression.type);
  const amount = coerce(value, exact ? int64 : double);
  const call = (functionName: string, arg: Expression): Expression =>
    resolveCall(scalarFunction(functionName)!, functionName, [operand(arg, node.range)], node.range);
  const count = whole && !exact ? castTo(foldNow(call("trunc", amount)), int64, node.range) : amount;
  const made = call(name, count);
  return operand(foldNow(made), node.range);
};

const foldNow = (expression: Expression): Expression => {
  const value = evaluateConstant(expression);
  return value === undefined ? expression : constant(value.type, value.value);
};

/** NULL of a type. */
export const nullOf = (type: DataType): Expression => constant(type, null);
