import {
  cast,
  constant,
  type DataType,
  decimal,
  type Expression,
  float,
  int64,
  isDecimal,
  isInteger,
  QueryError,
  type SourceRange,
  sameType,
  typeName,
} from "@headcut/plan";
import { castValue } from "../fold/cast-value.ts";
import { implicitCastCost } from "./implicit-cast.ts";
import { commonOperandType, type Operand } from "./operand.ts";
import { plural } from "./plural.ts";
import type { NullRule, Overload, Parameter, ScalarFunction } from "./signature.ts";

/** The operand as an expression of that type. A constant is converted here, so that a bad literal is reported where it stands. */
export const coerce = (operand: Operand, type: DataType): Expression => castTo(operand.expression, type, operand.range);

/** `CAST(expression AS type)`: nothing when it has the type, at once when it is constant. */
export const castTo = (expression: Expression, type: DataType, range: SourceRange): Expression => {
  if (sameType(expression.type, type)) return expression;
  if (expression.kind !== "constant") return cast(expression, type);
  try {
    return constant(type, castValue(expression.value, expression.type, type));
  } catch (error) {
    if (error instanceof QueryError) throw new QueryError(error.code, error.message, { range, cause: error });
    throw error;
  }
};

/** The types of a list of operands for a message: `INTEGER, VARCHAR`. */
export const typeNames = (operands: readonly Operand[]): string =>
  operands.map((operand) => typeName(operand.expression.type)).join(", ");

const parameterAt = (overload: Overload, index: number): Parameter | undefined =>
  overload.params[index] ?? overload.rest;

/** The type the operand takes in this place and what that costs; undefined when it does not go there. */
const fit = (
  operand: Operand,
  parameter: Parameter,
): { readonly type: DataType; readonly cost: number } | undefined => {
  const { type } = operand.expression;
  switch (parameter) {
    case "any":
    case "common":
      return { type, cost: 0 };
    case "integer":
      if (isInteger(type)) return { type, cost: 0 };
      return type.kind === "null" ? { type: int64, cost: 1 } : undefined;
    case "decimal":
      if (isDecimal(type)) return { type, cost: 0 };
      return type.kind === "null" ? { type: decimal(18, 3), cost: 2 } : undefined;
    default: {
      const cost = implicitCastCost(operand, parameter);
      return cost === undefined ? undefined : { type: parameter, cost };
    }
  }
};

interface Candidate {
  readonly overload: Overload;
  readonly types: readonly DataType[];
  readonly cost: number;
}

const candidate = (overload: Overload, operands: readonly Operand[]): Candidate | undefined => {
  const { params, rest } = overload;
  if (operands.length < params.length || (operands.length > params.length && rest === undefined)) return undefined;
  const types: DataType[] = [];
  let cost = 0;
  for (const [i, operand] of operands.entries()) {
    const fitted = fit(operand, parameterAt(overload, i)!);
    if (fitted === undefined) return undefined;
    types.push(fitted.type);
    cost += fitted.cost;
  }
  return { overload, types, cost };
};

const nullable = (rule: NullRule, args: readonly Expression[]): boolean => {
  switch (rule) {
    case "strict":
      return args.some((arg) => arg.nullable);
    case "allNull":
      return args.every((arg) => arg.nullable);
    case "first":
      return args[0]!.nullable;
    case "own":
      return true;
  }
};

const FAMILY_NAMES = { integer: "any integer", decimal: "any decimal", any: "any", common: "any" } as const;

const signatureText = (name: string, overload: Overload): string => {
  const text = (parameter: Parameter): string =>
    typeof parameter === "string" ? FAMILY_NAMES[parameter] : typeName(parameter);
  const rest = overload.rest === undefined ? [] : ["…"];
  return `${name}(${[...overload.params.map(text), ...rest].join(", ")})`;
};

/** The call of the overload that the operands coerce to most cheaply, with the casts in place. */
export const resolveCall = (
  entry: ScalarFunction,
  written: string,
  operands: readonly Operand[],
  range: SourceRange,
): Expression => {
  const candidates = entry.overloads
    .map((overload) => candidate(overload, operands))
    .filter((found) => found !== undefined)
    .sort((a, b) => a.cost - b.cost);
  const best = candidates[0];
  if (best === undefined) throw noOverload(entry, written, operands, range);
  if (candidates[1]?.cost === best.cost && operands.some((operand) => operand.literal === "string")) {
    throw new QueryError("type-mismatch", `${written}(${typeNames(operands)}) could mean several functions`, {
      range,
      hint: "give the string a type, as in DATE '2024-01-31' or CAST('1' AS INTEGER)",
    });
  }
  const types = best.overload.params.includes("common") ? commonTypes(operands, range) : best.types;
  const args = operands.map((operand, i) => coerce(operand, types[i]!));
  for (const index of entry.constants) {
    if (args[index]?.kind !== "constant") {
      throw new QueryError("unsupported", `argument ${index + 1} of ${written} must be a constant`, {
        range: operands[index]!.range,
      });
    }
  }
  const { result } = best.overload;
  const type = result === "same" ? args[0]!.type : typeof result === "function" ? result(args) : result;
  return { kind: "call", name: entry.name, args, type, nullable: nullable(entry.nulls, args) };
};

const commonTypes = (operands: readonly Operand[], range: SourceRange): readonly DataType[] => {
  const type = commonOperandType(operands);
  if (type === undefined) {
    throw new QueryError("type-mismatch", `no common type of ${typeNames(operands)}`, {
      range,
      hint: "cast them to one type",
    });
  }
  return operands.map(() => (type.kind === "null" ? float : type));
};

const noOverload = (
  entry: ScalarFunction,
  written: string,
  operands: readonly Operand[],
  range: SourceRange,
): QueryError => {
  const counts = entry.overloads.some(
    ({ params, rest }) => operands.length === params.length || (rest !== undefined && operands.length > params.length),
  );
  const hint = `it takes ${entry.overloads.map((overload) => signatureText(written, overload)).join(", ")}`;
  return counts
    ? new QueryError("type-mismatch", `no function ${written}(${typeNames(operands)})`, { range, hint })
    : new QueryError("invalid-argument", `${written} does not take ${plural(operands.length, "argument")}`, {
        range,
        hint,
      });
};
