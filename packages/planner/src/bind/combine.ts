import {
  type ArithmeticOp,
  type CompareOp,
  compare,
  type DataType,
  type Expression,
  QueryError,
  type SourceRange,
  typeName,
} from "@headcut/plan";
import { arithmetic, arithmeticTypes } from "../functions/arithmetic.ts";
import { scalarFunction } from "../functions/catalogue.ts";
import { commonOperandType, comparisonType, type Operand } from "../functions/operand.ts";
import { coerce, resolveCall, typeNames } from "../functions/resolve.ts";
import { operand } from "./operands.ts";

/** `left op right`, both brought to one type. */
export const compareOperands = (op: CompareOp, left: Operand, right: Operand, range: SourceRange): Expression => {
  const type = comparisonType(left, right);
  if (type === undefined) throw incomparable(left, right, range);
  return compare(op, coerce(left, type), coerce(right, type));
};

export const incomparable = (left: Operand, right: Operand, range: SourceRange): QueryError =>
  new QueryError(
    "type-mismatch",
    `cannot compare ${typeName(left.expression.type)} with ${typeName(right.expression.type)}`,
    { range, hint: "cast one side to the other's type" },
  );

/** `left op right` with its coercions. */
export const combine = (
  op: ArithmeticOp,
  symbol: string,
  left: Operand,
  right: Operand,
  range: SourceRange,
): Expression => {
  const types = arithmeticTypes(op, left, right);
  if (types === undefined) {
    const strings = left.literal === "string" || right.literal === "string";
    throw new QueryError("type-mismatch", `there is no operator ${symbol} for ${typeNames([left, right])}`, {
      range,
      ...(strings && { hint: "give the string a type, as in DATE '2024-01-31' or INTERVAL '1 day'" }),
    });
  }
  return arithmetic(op, coerce(left, types.left), coerce(right, types.right), types.result);
};

/** Blobs among themselves stay blobs; everything else becomes text. */
export const concatenation = (operands: readonly Operand[], range: SourceRange): Expression => {
  const kind = operands.every(({ expression }) => expression.type.kind === "blob") ? "blob" : "varchar";
  const args = operands.map((part) => operand(coerce(part, { kind }), part.range));
  return resolveCall(scalarFunction("||")!, "||", args, range);
};

/** The type of CASE, COALESCE and the like. */
export const resultType = (operands: readonly Operand[], what: string, range: SourceRange): DataType => {
  const type = commonOperandType(operands);
  if (type === undefined) {
    throw new QueryError("type-mismatch", `${what} mixes ${typeNames(operands)}`, {
      range,
      hint: "cast them to one type",
    });
  }
  return type;
};

/** WHEN … THEN …. */
export const branch = (when: Expression, then: Expression) => ({ when, then });

export const caseOf = (
  branches: readonly { readonly when: Expression; readonly then: Expression }[],
  otherwise: Expression,
): Expression => ({
  kind: "case",
  branches,
  otherwise,
  type: otherwise.type,
  nullable: otherwise.nullable || branches.some(({ then }) => then.nullable),
});
