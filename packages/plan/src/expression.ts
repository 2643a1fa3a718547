import { boolean, type DataType } from "./data-type.ts";
import type { Value } from "./value.ts";

/** Identifies a column within one query: every operator that makes a column gives it a fresh id, none is reused. */
export type ColumnId = number;

/** A column as an operator's output: its name is for people, its id is what expressions refer to. */
export interface Column {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

export type CompareOp = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "distinct" | "notDistinct";
/**
 * `div` is DuckDB's `/`: on float and double alone (binding has cast the rest to double), IEEE, so x / 0 is an infinity or
 * NaN. `intdiv` is `//`: on integers and decimal(38, 0) it truncates, on floats it is plain division; by zero it is NULL.
 * `mod` by zero is NULL on integers and decimals, NaN on floats.
 */
export type ArithmeticOp = "add" | "sub" | "mul" | "div" | "intdiv" | "mod";

interface Typed {
  readonly type: DataType;
  /** False only when NULL is impossible. */
  readonly nullable: boolean;
}

/**
 * A bound scalar expression. Binding has inserted every coercion as a `cast`, so operands of `compare`, `inList`,
 * `case` and integer/floating `arithmetic` have one type. Exceptions, which execution knows by their types:
 * decimal arithmetic takes decimals of any precision and scale (add, sub: both operands already have the result's
 * scale; mul: scales add up; mod: same scale); date/timestamp ± interval; date - date.
 */
export type Expression =
  | ColumnRef
  | Constant
  | Compare
  | Logical
  | Not
  | IsNull
  | Arithmetic
  | Negate
  | Case
  | Cast
  | InList
  | Like
  | Call;

export interface ColumnRef extends Typed {
  readonly kind: "column";
  readonly id: ColumnId;
  readonly name: string;
}

export interface Constant extends Typed {
  readonly kind: "constant";
  readonly value: Value;
}

export interface Compare extends Typed {
  readonly kind: "compare";
  readonly op: CompareOp;
  readonly left: Expression;
  readonly right: Expression;
}

/** N-ary AND/OR in three-valued logic; at least two arguments. */
export interface Logical extends Typed {
  readonly kind: "and" | "or";
  readonly args: readonly Expression[];
}

export interface Not extends Typed {
  readonly kind: "not";
  readonly arg: Expression;
}

export interface IsNull extends Typed {
  readonly kind: "isNull";
  readonly arg: Expression;
}

export interface Arithmetic extends Typed {
  readonly kind: "arithmetic";
  readonly op: ArithmeticOp;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Negate extends Typed {
  readonly kind: "negate";
  readonly arg: Expression;
}

/** Searched CASE (binding rewrites the simple form). A branch not taken is not evaluated, so it cannot fail. */
export interface Case extends Typed {
  readonly kind: "case";
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression;
}

/** `try` makes a value that does not convert NULL instead of an error. */
export interface Cast extends Typed {
  readonly kind: "cast";
  readonly arg: Expression;
  readonly try: boolean;
}

/** `arg IN (list)` with SQL's NULL rules; NOT IN is `not` around it. */
export interface InList extends Typed {
  readonly kind: "inList";
  readonly arg: Expression;
  readonly list: readonly Expression[];
}

/** `arg LIKE pattern ESCAPE escape`; escape is one character, or absent for no escape character (as DuckDB). */
export interface Like extends Typed {
  readonly kind: "like";
  readonly arg: Expression;
  readonly pattern: Expression;
  readonly escape: string | undefined;
  readonly caseInsensitive: boolean;
}

/** A function of the catalogue (`functions.ts`), chosen by name and argument types. */
export interface Call extends Typed {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expression[];
}

export const columnRef = (column: Column): ColumnRef => ({
  kind: "column",
  id: column.id,
  name: column.name,
  type: column.type,
  nullable: column.nullable,
});

export const constant = (type: DataType, value: Value): Constant => ({
  kind: "constant",
  type,
  value,
  nullable: value === null,
});

export const compare = (op: CompareOp, left: Expression, right: Expression): Compare => ({
  kind: "compare",
  op,
  left,
  right,
  type: boolean,
  nullable: op !== "distinct" && op !== "notDistinct" && (left.nullable || right.nullable),
});

export const TRUE: Constant = constant(boolean, true);
export const FALSE: Constant = constant(boolean, false);

const logical = (kind: "and" | "or", args: readonly Expression[], empty: Constant): Expression => {
  if (args.length === 0) return empty;
  if (args.length === 1) return args[0]!;
  return { kind, args, type: boolean, nullable: args.some((arg) => arg.nullable) };
};
/** Conjunction of any number of predicates; TRUE when there is none. */
export const and = (...args: readonly Expression[]): Expression => logical("and", args, TRUE);
/** Disjunction of any number of predicates; FALSE when there is none. */
export const or = (...args: readonly Expression[]): Expression => logical("or", args, FALSE);
export const not = (arg: Expression): Not => ({ kind: "not", arg, type: boolean, nullable: arg.nullable });
export const isNull = (arg: Expression): IsNull => ({ kind: "isNull", arg, type: boolean, nullable: false });
export const cast = (arg: Expression, type: DataType, isTry = false): Cast => ({
  kind: "cast",
  arg,
  type,
  try: isTry,
  nullable: arg.nullable || isTry,
});

/** The predicates of a conjunction, flattened. */
export const conjuncts = (predicate: Expression): readonly Expression[] =>
  predicate.kind === "and"
    ? predicate.args.flatMap(conjuncts)
    : predicate.kind === "constant" && predicate.value === true
      ? []
      : [predicate];
