import { NUMERIC_FUNCTIONS } from "./numeric-functions.ts";
import type { ScalarFunction } from "./signature.ts";
import { TEMPORAL_FUNCTIONS } from "./temporal-functions.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";

/**
 * Every function a bound `call` can name, with the argument types execution may see. Arguments have been cast to the
 * overload's parameters; `call.type` is the result. Names that exist in SQL alone (coalesce, nullif, if, concat, mod,
 * extract, date_part, date_add, typeof, now …) are rewritten by the binder and never reach execution.
 */
export const SCALAR_FUNCTIONS: readonly ScalarFunction[] = [
  ...NUMERIC_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TEMPORAL_FUNCTIONS,
];

const byName = new Map(
  SCALAR_FUNCTIONS.flatMap((entry) => [entry.name, ...entry.aliases].map((name) => [name, entry] as const)),
);

/** The function with this SQL name or alias, in lower case. */
export const scalarFunction = (name: string): ScalarFunction | undefined => byName.get(name);
