import type { DataType, Expression } from "@headcut/plan";

/**
 * What an overload takes in one place: exactly this type (the argument is cast to it if that loses nothing); a family,
 * whose members are taken as they are; or "common": all arguments so marked are brought to one type.
 */
export type Parameter = DataType | "integer" | "decimal" | "any" | "common";

/** "same": the type of the first argument after coercion. */
export type Result = DataType | "same" | ((args: readonly Expression[]) => DataType);

export interface Overload {
  readonly params: readonly Parameter[];
  /** Any number of further arguments of this kind. */
  readonly rest?: Parameter;
  readonly result: Result;
}

/**
 * When the result is NULL. strict: exactly when an argument is NULL. allNull: when all arguments are. first: when the first
 * is. own: also for some arguments that are not NULL, as the function's doc says.
 */
export type NullRule = "strict" | "allNull" | "first" | "own";

/** A scalar function that execution implements, as `call` expressions name it. */
export interface ScalarFunction {
  readonly name: string;
  /** Other names of it in SQL. */
  readonly aliases: readonly string[];
  /** In order of preference when the costs of their coercions are equal. */
  readonly overloads: readonly Overload[];
  readonly nulls: NullRule;
  /** Positions of arguments that must be constant. */
  readonly constants: readonly number[];
  readonly doc: string;
}

/** `fn("abs", "…", [["integer"], "same"], …)`: overloads as [parameters, result]. */
export const fn = (
  names: string,
  doc: string,
  overloads: readonly (readonly [readonly Parameter[], Result, Parameter?])[],
  options: { readonly nulls?: NullRule; readonly constants?: readonly number[] } = {},
): ScalarFunction => {
  const [name, ...aliases] = names.split(" ");
  return {
    name: name!,
    aliases,
    overloads: overloads.map(([params, result, rest]) => (rest ? { params, result, rest } : { params, result })),
    nulls: options.nulls ?? "strict",
    constants: options.constants ?? [],
    doc,
  };
};
