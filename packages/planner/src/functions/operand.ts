import { type DataType, type Expression, isInteger, nullType, type SourceRange } from "@headcut/plan";
import { fitsInteger } from "../fold/cast-value.ts";
import { commonType } from "./common-type.ts";

/** A bound expression while it is being typed: where it stands, and whether it is a literal, which adapts to its company. */
export interface Operand {
  readonly expression: Expression;
  /** An integer literal takes any integer type that holds it; a string literal takes any type that reads it. */
  readonly literal: "integer" | "string" | undefined;
  readonly range: SourceRange;
}

/** Whether the operand is an integer literal that the type holds. */
export const literalFits = (operand: Operand, type: DataType): boolean => {
  const { expression } = operand;
  if (operand.literal !== "integer" || expression.kind !== "constant" || !isInteger(type)) return false;
  return fitsInteger(BigInt(expression.value as number | bigint), type);
};

/** The type that all operands are brought to (see `commonType`); undefined when there is none. */
export const commonOperandType = (operands: readonly Operand[]): DataType | undefined => {
  let result: DataType = nullType;
  const literals: Operand[] = [];
  for (const operand of operands) {
    if (operand.literal !== undefined) {
      literals.push(operand);
      continue;
    }
    const common = commonType(result, operand.expression.type);
    if (common === undefined) return undefined;
    result = common;
  }
  for (const literal of literals) {
    if (literal.literal === "string" || literalFits(literal, result)) continue;
    const common = commonType(result, literal.expression.type);
    if (common === undefined) return undefined;
    result = common;
  }
  // Strings among themselves.
  return result.kind === "null" && literals.length > 0 ? literals[0]!.expression.type : result;
};

/** The type two sides of a comparison are brought to: a string gives way to anything it is compared with. */
export const comparisonType = (left: Operand, right: Operand): DataType | undefined => {
  const common = commonOperandType([left, right]);
  if (common !== undefined) return common;
  if (left.expression.type.kind === "varchar") return right.expression.type;
  return right.expression.type.kind === "varchar" ? left.expression.type : undefined;
};
