import {
  constant,
  type DataType,
  date,
  double,
  type Expression,
  interval,
  isNull,
  not,
  QueryError,
  timestamp,
  timestampTz,
  typeName,
  varchar,
} from "@headcut/plan";
import { evaluateConstant } from "../fold/evaluate.ts";
import { scalarFunction } from "../functions/catalogue.ts";
import type { Operand } from "../functions/operand.ts";
import { plural } from "../functions/plural.ts";
import { castTo, coerce, resolveCall } from "../functions/resolve.ts";
import type * as tree from "../syntax/tree.ts";
import type { ExpressionEnv } from "./bind-context.ts";
import { nullOf } from "./bind-literal.ts";
import { branch, caseOf, combine, compareOperands, concatenation, resultType } from "./combine.ts";
import { dateUnit, partCall } from "./date-part.ts";
import { asBoolean, operand } from "./operands.ts";

type Rewrite = (args: readonly Operand[], node: tree.Call, env: ExpressionEnv) => Expression;

/** Checks the number of arguments first; `most` undefined for any number. */
const taking =
  (least: number, most: number | undefined, rewrite: Rewrite): Rewrite =>
  (args, node, env) => {
    if (args.length >= least && args.length <= (most ?? args.length)) return rewrite(args, node, env);
    const name = node.name.name.toLowerCase();
    const range = most === undefined ? `${least} or more` : least === most ? `${least}` : `${least} to ${most}`;
    throw new QueryError("invalid-argument", `${name} does not take ${plural(args.length, "argument")}`, {
      range: node.range,
      hint: `it takes ${range}`,
    });
  };

const notNull = (expression: Expression): Expression => not(isNull(expression));

/** The first argument that is not NULL. */
const coalesce: Rewrite = (args, node) => {
  const type = resultType(args, node.name.name.toUpperCase(), node.range);
  const values = args.map((arg) => coerce(arg, type));
  const otherwise = values.at(-1)!;
  const branches = values.slice(0, -1).map((value) => branch(notNull(value), value));
  if (branches.length === 0) return otherwise;
  return { kind: "case", branches, otherwise, type, nullable: values.every((value) => value.nullable) };
};

/** NULL when both are equal, else the first: of the first's own type. */
const nullIf: Rewrite = (args, node) => {
  const [first, second] = args as [Operand, Operand];
  const equal = compareOperands("eq", first, second, node.range);
  return caseOf([branch(equal, nullOf(first.expression.type))], first.expression);
};

const conditional: Rewrite = (args, node) => {
  const [condition, ...results] = args as [Operand, Operand, Operand];
  const type = resultType(results, "if", node.range);
  const [then, otherwise] = results.map((value) => coerce(value, type)) as [Expression, Expression];
  return caseOf([branch(asBoolean(condition, "the condition of if"), then)], otherwise);
};

/** Arguments that are NULL count as empty text. */
const concat: Rewrite = (args, node) => {
  const blobs = args.every(({ expression }) => expression.type.kind === "blob");
  const type: DataType = blobs ? { kind: "blob" } : varchar;
  const parts = args.map((arg) => {
    const value = coerce(arg, type);
    if (!value.nullable) return operand(value, arg.range);
    const empty = constant(type, blobs ? new Uint8Array() : "");
    return operand({ ...caseOf([branch(notNull(value), value)], empty), nullable: false }, arg.range);
  });
  return parts.length === 1 ? parts[0]!.expression : concatenation(parts, node.range);
};

const concatWithSeparator: Rewrite = (args, node) => {
  const texts = args.map((arg) => operand(coerce(arg, varchar), arg.range));
  return resolveCall(scalarFunction("concat_ws")!, "concat_ws", texts, node.range);
};

/** A constant text argument, such as the unit of date_trunc. */
const constantText = (arg: Operand, what: string): string => {
  const value = evaluateConstant(arg.expression)?.value;
  if (typeof value === "string") return value;
  throw new QueryError("unsupported", `${what} must be a constant string`, { range: arg.range });
};

/** `date_trunc('month', x)`, `date_diff('day', a, b)`: the unit in the singular. */
const withUnit = (name: string): Rewrite =>
  taking(2, 3, (args, node) => {
    const unit = dateUnit(constantText(args[0]!, `the unit of ${name}`), args[0]!.range);
    const first = operand(constant(varchar, unit), args[0]!.range);
    return resolveCall(scalarFunction(name)!, name, [first, ...args.slice(1)], node.range);
  });

const datePart: Rewrite = (args, node) =>
  partCall(constantText(args[0]!, "the part of date_part"), args[1]!, node.range);

/** `date_add(x, interval)`, and `date_add('month', 3, x)` is not DuckDB's. */
const dateAdd: Rewrite = (args, node) => {
  const [start, step] = args as [Operand, Operand];
  const amount = step.literal === "string" ? operand(coerce(step, interval), step.range) : step;
  return combine("add", "+", start, amount, node.range);
};

/** The statement's clock, as a type of point in time; a TIMESTAMP WITH TIME ZONE converts as the UTC it is shown in. */
const now =
  (type: DataType): Rewrite =>
  (_, node, env) =>
    castTo(constant(timestamp, env.state.context.nowMicros), type, node.range);

const age: Rewrite = (args, node, env) => {
  const today = operand(now(date)([], node, env), node.range);
  return resolveCall(scalarFunction("age")!, "age", args.length === 1 ? [today, args[0]!] : args, node.range);
};

/** `x AT TIME ZONE 'UTC'`: all instants are shown in UTC, so other zones would give wrong clocks. */
const atTimeZone: Rewrite = (args, node) => {
  const zone = constantText(args[0]!, "the time zone").toUpperCase();
  const { type } = args[1]!.expression;
  if (zone !== "UTC" && zone !== "GMT" && zone !== "ETC/UTC") {
    throw new QueryError("unsupported", `time zone ${zone} is not supported`, {
      range: args[0]!.range,
      hint: "only UTC is",
    });
  }
  if (type.kind === "timestamp") return castTo(args[1]!.expression, { ...type, utc: !type.utc }, node.range);
  return castTo(coerce(args[1]!, timestamp), timestampTz, node.range);
};

const logarithm: Rewrite = (args, node) =>
  resolveCall(scalarFunction(args.length === 1 ? "log10" : "logb")!, "log", args, node.range);

const typeOf: Rewrite = (args) => {
  const { type } = args[0]!.expression;
  return constant(varchar, type.kind === "null" ? '"NULL"' : typeName(type));
};

const yearDate: Rewrite = (args, node) => {
  if (args.length === 3) return resolveCall(scalarFunction("make_date")!, "make_date", args, node.range);
  // One argument: days since 1970-01-01.
  return combine("add", "+", operand(constant(date, 0), node.range), args[0]!, node.range);
};

/** Functions that are SQL for something else, by name in lower case. */
export const REWRITTEN_FUNCTIONS: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ["coalesce", taking(1, undefined, coalesce)],
  ["ifnull", taking(2, 2, coalesce)],
  ["nullif", taking(2, 2, nullIf)],
  ["if", taking(3, 3, conditional)],
  ["concat", taking(1, undefined, concat)],
  ["concat_ws", taking(2, undefined, concatWithSeparator)],
  ["mod", taking(2, 2, (args, node) => combine("mod", "%", args[0]!, args[1]!, node.range))],
  ["add", taking(2, 2, (args, node) => combine("add", "+", args[0]!, args[1]!, node.range))],
  ["subtract", taking(2, 2, (args, node) => combine("sub", "-", args[0]!, args[1]!, node.range))],
  ["multiply", taking(2, 2, (args, node) => combine("mul", "*", args[0]!, args[1]!, node.range))],
  ["divide", taking(2, 2, (args, node) => combine("intdiv", "//", args[0]!, args[1]!, node.range))],
  ["pi", taking(0, 0, () => constant(double, Math.PI))],
  ["log", taking(1, 2, logarithm)],
  ["date_part", taking(2, 2, datePart)],
  ["datepart", taking(2, 2, datePart)],
  ["date_trunc", withUnit("date_trunc")],
  ["datetrunc", withUnit("date_trunc")],
  ["date_diff", withUnit("date_diff")],
  ["datediff", withUnit("date_diff")],
  ["date_sub", withUnit("date_sub")],
  ["datesub", withUnit("date_sub")],
  ["date_add", taking(2, 2, dateAdd)],
  ["make_date", taking(1, 3, yearDate)],
  ["age", taking(1, 2, age)],
  ["timezone", taking(2, 2, atTimeZone)],
  ["now", taking(0, 0, now(timestampTz))],
  ["current_timestamp", taking(0, 0, now(timestampTz))],
  ["get_current_timestamp", taking(0, 0, now(timestampTz))],
  ["localtimestamp", taking(0, 0, now(timestamp))],
  ["current_localtimestamp", taking(0, 0, now(timestamp))],
  ["current_date", taking(0, 0, now(date))],
  ["today", taking(0, 0, now(date))],
  ["current_time", taking(0, 0, now({ kind: "time", unit: "us" }))],
  ["localtime", taking(0, 0, now({ kind: "time", unit: "us" }))],
  ["typeof", taking(1, 1, typeOf)],
]);
