import { type Expression, QueryError, type SourceRange } from "@headcut/plan";
import { intervalUnit } from "../fold/parse-interval.ts";
import { scalarFunction } from "../functions/catalogue.ts";
import type { Operand } from "../functions/operand.ts";
import { resolveCall } from "../functions/resolve.ts";
import { DATE_UNITS, PART_FUNCTIONS } from "../functions/temporal-functions.ts";
import { didYouMean } from "../syntax/suggest.ts";

const PARTS = new Map(PART_FUNCTIONS.flatMap(({ name, aliases }) => [name, ...aliases].map((text) => [text, name])));
const MORE_PARTS: Readonly<Record<string, string>> = { dow: "dayofweek", doy: "dayofyear", weekday: "dayofweek" };

/** The function that a field of EXTRACT or date_part names, in any of its spellings. */
const partName = (field: string): string | undefined => {
  const word = field.toLowerCase();
  return PARTS.get(word) ?? MORE_PARTS[word] ?? PARTS.get(intervalUnit(word) ?? "");
};

/** `extract(field FROM x)` as the function named after the field. */
export const partCall = (field: string, arg: Operand, range: SourceRange): Expression => {
  const name = partName(field);
  if (name === undefined) {
    const hint = didYouMean(field, [...PARTS.keys(), ...Object.keys(MORE_PARTS)]);
    throw new QueryError("invalid-argument", `there is no date part ${field}`, { range, ...(hint && { hint }) });
  }
  return resolveCall(scalarFunction(name)!, name, [arg], range);
};

/** The unit of date_trunc and date_diff in the singular. */
export const dateUnit = (text: string, range: SourceRange): string => {
  const unit = intervalUnit(text);
  if (unit !== undefined) return unit;
  throw new QueryError("invalid-argument", `there is no unit ${text} of time`, {
    range,
    hint: `the units are ${DATE_UNITS.join(", ")}`,
  });
};
